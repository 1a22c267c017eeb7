"""Where finished pictures go: whether an output may be made, how it takes its place, what is remembered."""

from __future__ import annotations

import filecmp
from contextlib import contextmanager
from typing import TYPE_CHECKING

from srcli.core.errors import OutputError
from srcli.core.files import Appeared, atomic_path, real_path, remove_leftovers
from srcli.core.names import printable
from srcli.upscaling.estimates import is_resumable
from srcli.upscaling.file_identity import check_unchanged
from srcli.upscaling.journal import Journal, Key, forget, remove_useless
from srcli.upscaling.manifest import Manifest, Past, settings_of_page
from srcli.upscaling.report import FileReport, Status
from srcli.upscaling.settings import Existing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from srcli.upscaling.file_identity import Identity
    from srcli.upscaling.inspection import Inspection
    from srcli.upscaling.jobs import Job
    from srcli.upscaling.settings import UpscaleSettings


class AlreadyMade(Exception):
    """The output is there, whole and the same: made by an earlier run, or by another one meanwhile."""


class Outputs:
    """The output files of a run.

    Args:
        settings: what to do where an output exists.
        fingerprint: of all that shapes the pixels and the file.
        remember: whether finished pictures are noted for ``--resume``.

    Attributes:
        remembers: the same.
    """

    def __init__(self, settings: UpscaleSettings, fingerprint: str, *, remember: bool) -> None:
        self._resume = settings.resume
        self._overwrite = settings.existing is Existing.OVERWRITE
        self._tile = settings.options.tile
        self._fingerprint = fingerprint
        self.remembers = remember
        self._manifest = Manifest(fingerprint)

    def check(self, job: Job) -> FileReport | None:
        """See whether the output is there already.

        Returns:
            The report of a picture that needs no work because it was finished before; else ``None``.

        Raises:
            OutputError: the output exists and may not be replaced.
        """
        target = job.target.path
        if target is None or not (target.exists() or target.is_symlink()):
            return None
        if target.is_dir():
            raise OutputError(f"{job.target.name} is a folder", hint="choose another name with -o")
        if target.exists() and not target.is_file():
            # A pipe or a device would be replaced by the finished file, not written to.
            raise OutputError(f"{job.target.name} is no regular file", hint="-o - writes to standard output")
        return self._check_file(job, target)

    def _check_file(self, job: Job, target: Path) -> FileReport | None:
        past = self._past(job, target)
        if past is Past.FINISHED:
            return skipped(job)
        # With --resume, an output that no manifest knows is made again and compared.
        if self._overwrite or (self._resume and past is Past.UNKNOWN):
            return None
        raise OutputError(
            f"{job.target.name} exists already",
            hint="it was not finished with these settings; add --overwrite to make it again"
            if self._resume
            else "add --overwrite to replace it, or --resume to skip what is finished",
        )

    def open_journal(self, inspection: Inspection) -> Journal | None:
        """The journal of a large picture; None where a crash would cost little."""
        job, identity = inspection.job, inspection.identity
        source, target = job.source.path, job.target.path
        if source is None or identity is None or target is None or not is_resumable(inspection):
            return None
        key = Key(
            source=printable(real_path(source)),
            source_bytes=identity.bytes,
            source_mtime_ns=identity.mtime_ns,
            settings=settings_of_page(self._fingerprint, job.source.page),
            tile=self._tile,
            format=inspection.encoding.format,
            width=inspection.size.width,
            height=inspection.size.height,
        )
        return Journal(real_path(target), key, source)

    @contextmanager
    def making(
        self, job: Job, identity: Identity | None, target: Path, journal: Journal | None = None
    ) -> Iterator[Path]:
        """Yield the path to write a picture to; in the end it takes the place of the output, and is noted.

        Args:
            job: the picture.
            identity: of its file when its reading began; None for one that is no file.
            target: its output.
            journal: of its rows, where it has one.

        Raises:
            AlreadyMade: the output is there by now, and the same.
            InputError: the input changed while it was read.
            OutputError: the system refuses, or the output is there and may not be replaced.
        """
        if journal is None:
            forget(real_path(target))
            place = atomic_path(target, overwrite=self._overwrite, like=job.source.path)
        else:
            place = journal.growing(keep=self._resume, overwrite=self._overwrite)
        # A run that is killed between the two steps must neither lose a new picture nor keep an old one: the
        # note comes first, unless it would then be true of the picture that is replaced.
        replaces = self._overwrite and target.exists()
        try:
            with place as finished:
                yield finished
                self._check_end(job, identity, target, finished)
                if not replaces:
                    self._note(job, identity, target, finished)
            if replaces:
                self._note(job, identity, target, target)
        except (AlreadyMade, Appeared) as error:
            forget(real_path(target))
            if isinstance(error, Appeared) and not self._is_finished(job, target):
                raise
            raise AlreadyMade from error

    def _check_end(self, job: Job, identity: Identity | None, target: Path, finished: Path) -> None:
        """See that the input is what was read, and that the output's place is free."""
        if job.source.path and identity:
            check_unchanged(job.source.path, identity)
        if not self._resume or self._overwrite or not target.exists():
            return
        if self._is_finished(job, target):
            raise AlreadyMade
        if not filecmp.cmp(finished, target, shallow=False):
            raise OutputError(
                f"{job.target.name} exists already, and is another picture than these settings make",
                hint="add --overwrite to replace it",
            )
        self._note(job, identity, target, target)
        raise AlreadyMade

    def _is_finished(self, job: Job, target: Path) -> bool:
        return self._past(job, target) is Past.FINISHED

    def _past(self, job: Job, target: Path) -> Past:
        """What the manifest tells of an output; it is asked with ``--resume`` alone."""
        source = job.source
        if not self._resume or source.path is None:
            return Past.OTHER
        return self._manifest.past(source.path, target, source.page)

    def _note(self, job: Job, identity: Identity | None, target: Path, finished: Path) -> None:
        source = job.source.path
        if self.remembers and source and identity:
            self._manifest.note(source, identity, target, finished, job.source.page)


def skipped(job: Job) -> FileReport:
    """The report of a picture that was finished before."""
    return FileReport(job.source.name, job.target.name, Status.SKIPPED)


def remove_remains(jobs: Sequence[Job]) -> None:
    """Remove what killed runs left in the folders of the outputs and no later run can use."""
    for folder in {job.target.path.parent for job in jobs if job.target.path}:
        remove_leftovers(folder)
        remove_useless(folder)
