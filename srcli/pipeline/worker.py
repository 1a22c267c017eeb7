"""The three stages of one picture: load, enlarge, store; rows go from one to the next as they are ready."""

from __future__ import annotations

import shutil
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, BinaryIO, cast

from srcli.core.errors import OutOfMemory, OutputError
from srcli.core.names import printable
from srcli.core.progress import Progress, silent
from srcli.core.rows import Rows
from srcli.engine.planner import available_memory
from srcli.engine.providers import choose_device
from srcli.imaging.encode import encode_picture, open_rows
from srcli.imaging.fit import fit_frame
from srcli.pipeline.channel import Channel, ReadAhead
from srcli.pipeline.files import atomic_path
from srcli.pipeline.image import Enlargement, FrameRows, Recipe, rows_of_frame, upscale_frame
from srcli.pipeline.inspection import Inspection, inspect
from srcli.pipeline.journal import Journal, Key, forget
from srcli.pipeline.manifest import Manifest
from srcli.pipeline.needs import is_read_in_rows, is_resumable, memory_needed
from srcli.pipeline.report import FileReport, Status
from srcli.pipeline.settings import Existing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from srcli.core.rows import Band
    from srcli.engine.tiled import TiledReport
    from srcli.imaging.decode import PictureFile
    from srcli.imaging.picture import Frame
    from srcli.imaging.row_writers import Checkpoint
    from srcli.pipeline.jobs import Job
    from srcli.pipeline.pool import GeneratorPool
    from srcli.pipeline.settings import UpscaleSettings

_BYTES_IN_MEMORY = 2**26
"""What is meant for standard output waits in memory up to here, beyond that in a temporary file."""


@dataclass(slots=True)
class Work:
    """One picture on its way through the stages.

    Attributes:
        inspection: what is known about it.
        started_s: when its way began.
        frame: the picture, as far as it was decoded; None for an animation, whose frames are decoded,
            enlarged and encoded one by one so that its length does not matter.
        resources: what reads it.
        rows: finished rows on their way to the encoder.
        journal: keeps finished rows of a large picture, lest a crash cost them.
        resumed: where an earlier run stopped; its rows are not made again.
        reports: of each pass of a generator.
    """

    inspection: Inspection
    started_s: float
    frame: FrameRows | None
    resources: ExitStack = field(default_factory=ExitStack)
    rows: Channel[Band] = field(default_factory=Channel)
    journal: Journal | None = None
    resumed: Checkpoint | None = None
    reports: list[TiledReport] = field(default_factory=list)

    @property
    def is_animation(self) -> bool:
        """Whether the output has several frames."""
        return self.inspection.encoding.animated

    def close(self) -> None:
        """Let go of the picture and of what reads it."""
        self.frame = None
        self.resources.close()


class Worker:
    """Takes pictures through the stages; each stage may run in a thread of its own.

    Args:
        settings: what to do.
        pool: the generators.
        explicit_output: whether the user named the one output file, so that its extension decides the format.
        remember: whether finished pictures are noted for ``--resume``.
    """

    def __init__(
        self, settings: UpscaleSettings, pool: GeneratorPool, *, explicit_output: bool, remember: bool
    ) -> None:
        self._settings = settings
        self._pool = pool
        self._explicit_output = explicit_output
        self._remember = remember
        self._fingerprint = settings.fingerprint(pool.hashes)
        self._manifest = Manifest(self._fingerprint)
        # Pictures live in the machine's own memory, wherever the tiles run.
        self._memory_of = choose_device("cpu")

    def check_existing(self, job: Job) -> FileReport | None:
        """See whether the output is there already.

        Returns:
            The report of a picture that needs no work because it was finished before; else ``None``.

        Raises:
            OutputError: the output exists and may not be replaced.
        """
        if job.target is None or not (job.target.exists() or job.target.is_symlink()):
            return None
        if job.target.is_dir():
            raise OutputError(f"{job.target_name} is a folder", hint="choose another name with -o")
        if job.target.exists() and not job.target.is_file():
            # A pipe or a device would be replaced by the finished file, not written to.
            raise OutputError(f"{job.target_name} is no regular file", hint="-o - writes to standard output")
        if self._settings.resume and job.source and self._manifest.is_finished(job.source, job.target):
            return FileReport(job.source_name, job.target_name, Status.SKIPPED)
        if self._settings.existing is Existing.REFUSE:
            raise OutputError(f"{job.target_name} exists already", hint=self._hint_for_existing())
        return None

    def inspect(self, job: Job) -> Inspection:
        """Read the header and plan the output."""
        return inspect(job, self._settings, self._pool, explicit_output=self._explicit_output)

    def load(self, job: Job) -> Work | FileReport:
        """Stage one: decode. Gives the report at once where there is nothing to do."""
        started_s = time.perf_counter()
        finished = self.check_existing(job)
        if finished:
            return finished
        inspection = self.inspect(job)
        if inspection.encoding.animated:
            return Work(inspection, started_s, None, _closing(inspection.picture))
        if is_read_in_rows(inspection):
            resources = _closing(inspection.picture)
            work = Work(inspection, started_s, _frame_rows(inspection, resources), resources)
        else:
            with inspection.picture as picture:
                work = Work(inspection, started_s, rows_of_frame(next(iter(picture.frames()))))
        self._recall(work)
        return work

    def fits(self, work: Work) -> bool:
        """Whether the free memory suffices for the picture."""
        return memory_needed(work.inspection) <= available_memory(self._memory_of)

    def enlarge(self, work: Work, progress: Progress = silent) -> None:
        """Stage two: run the generators, and send finished rows to whoever stores them.

        Nothing is done for an animation, whose frames are enlarged as they are stored.

        Raises:
            OutOfMemory: the picture needs more memory than there is, or even the smallest tile doesn't fit.
            Abandoned: storing failed, which tells why.
        """
        if work.frame is None:
            return
        with work.rows.sending() as send:
            self._check_memory(work)
            encoding = work.inspection.encoding
            enlargement = Enlargement(
                work.frame,
                work.inspection.size,
                self._recipe(work),
                partial(fit_frame, encoding=encoding),
                progress,
                pixel_bytes=encoding.pixel_bytes,
            )
            start = work.resumed["rows"] if work.resumed else 0
            # A run may have died between the last row and the end of the file.
            for band in enlargement.rows.read(start) if start < work.inspection.size.height else ():
                send(band)
            work.reports = enlargement.reports()

    def store(self, work: Work, progress: Progress = silent) -> FileReport:
        """Stage three: encode and write, as the rows come.

        Raises:
            OutputError: the system or the encoder refuses.
            Abandoned: enlarging failed, which tells why.
        """
        job = work.inspection.job
        if work.is_animation:
            self._check_memory(work)
        if job.target is None:
            self._store_to_stream(work, progress)
        else:
            self._store_to_file(work, job.target, progress)
        return _report(work, self._pool)

    def _store_to_stream(self, work: Work, progress: Progress) -> None:
        # Encoded whole before the first byte leaves: a failure leaves no half of a picture in the pipe.
        with SpooledTemporaryFile(_BYTES_IN_MEMORY) as file:
            self._encode(cast("BinaryIO", file), work, progress)
            file.seek(0)
            try:
                shutil.copyfileobj(file, sys.stdout.buffer)
                sys.stdout.buffer.flush()
            except OSError as error:
                raise OutputError(f"cannot write to standard output: {error.strerror or error}") from error

    def _store_to_file(self, work: Work, target: Path, progress: Progress) -> None:
        overwrite = self._settings.existing is Existing.OVERWRITE
        if work.journal is None:
            forget(target.resolve())
            place = atomic_path(target, overwrite=overwrite)
        else:
            place = work.journal.growing(keep=self._settings.resume, overwrite=overwrite)
        with place as temporary:
            self._encode(temporary, work, progress)
        if self._remember and work.inspection.job.source:
            self._manifest.note(work.inspection.job.source, target)

    def _encode(self, target: Path | BinaryIO, work: Work, progress: Progress) -> None:
        inspection = work.inspection
        if work.is_animation:
            encode_picture(target, self._frames(work, progress), inspection.encoding)
            return
        with open_rows(target, inspection.size, inspection.encoding, work.resumed) as file:
            for rows in work.rows.receive():
                file.write(rows)
                if work.journal:
                    work.journal.note_when_due(file.checkpoint)

    def _recall(self, work: Work) -> None:
        """Open the journal of a large picture, and see whether an earlier run got anywhere."""
        job, inspection = work.inspection.job, work.inspection
        if job.source is None or job.target is None or not is_resumable(inspection):
            return
        found = job.source.stat()
        key = Key(
            source=printable(job.source.resolve()),
            source_bytes=found.st_size,
            source_mtime_ns=found.st_mtime_ns,
            settings=self._fingerprint,
            tile=self._settings.options.tile,
            format=inspection.encoding.format,
            width=inspection.size.width,
            height=inspection.size.height,
        )
        work.journal = Journal(job.target.resolve(), key)
        work.resumed = work.journal.recall() if self._settings.resume else None

    def _frames(self, work: Work, progress: Progress) -> Iterator[Frame]:
        inspection = work.inspection
        for frame in inspection.picture.frames():
            larger, reports = upscale_frame(frame, inspection.size, self._recipe(work), progress)
            work.reports.extend(reports)
            yield larger

    def _recipe(self, work: Work) -> Recipe:
        return Recipe(
            work.inspection.generators,
            resize_method=self._pool.interpolation,
            strength=self._settings.strength,
            seamless=self._settings.seamless,
        )

    def _check_memory(self, work: Work) -> None:
        needed, available = memory_needed(work.inspection), available_memory(self._memory_of)
        if needed > available:
            raise OutOfMemory(
                f"{work.inspection.job.source_name} at {work.inspection.size} needs about "
                f"{needed / 2**30:.1f} GiB of memory and {available / 2**30:.1f} GiB are free",
                hint="choose a smaller scale, or cut the picture",
            )

    def _hint_for_existing(self) -> str:
        if self._settings.resume:
            return "it was not finished with these settings; add --overwrite to make it anew"
        return "add --overwrite to replace it, or --resume to skip what is finished"


def _closing(picture: PictureFile) -> ExitStack:
    resources = ExitStack()
    resources.enter_context(picture)
    return resources


def _frame_rows(inspection: Inspection, resources: ExitStack) -> FrameRows:
    """The picture as it is read, ahead of who takes it; colour and transparency are read apart."""
    info, picture = inspection.info, inspection.picture

    def rows(part: Callable[[Frame], Band]) -> Rows:
        def read(start: int) -> Iterator[Band]:
            ahead = ReadAhead(part(frame) for frame in picture.bands(start))
            resources.callback(ahead.close)
            return ahead.items()

        return Rows(info.size, read)

    alpha = rows(_alpha_of) if info.has_alpha else None
    return FrameRows(rows(lambda frame: frame.colour), info.mode.channels, alpha)


def _alpha_of(frame: Frame) -> Band:
    assert frame.alpha is not None, "the header promises transparency"
    return frame.alpha[:, :, None]


def _report(work: Work, pool: GeneratorPool) -> FileReport:
    inspection = work.inspection
    last = work.reports[-1] if work.reports else None
    runs = inspection.generators if work.reports else ()
    tile_warnings = dict.fromkeys(warning for report in work.reports for warning in report.warnings)
    info = inspection.info
    return FileReport(
        input=inspection.job.source_name,
        output=inspection.job.target_name,
        status=Status.DONE,
        input_size=(info.size.width, info.size.height),
        output_size=(inspection.size.width, inspection.size.height),
        frames=info.frames if work.is_animation else 1,
        scale=round(inspection.size.width / info.size.width, 4),
        model="+".join(f"{run.card.name}-x{run.scale}" for run in runs) or pool.interpolation,
        model_sha256="+".join(run.card.sha256 for run in runs) or None,
        device=pool.device.name if runs else None,
        provider=runs[-1].session.provider if runs else None,
        precision=last.precision if last else None,
        tile=(last.window.width, last.window.height) if last else None,
        tiles=sum(report.tiles for report in work.reports),
        seconds=round(time.perf_counter() - work.started_s, 4),
        warnings=(*inspection.warnings, *tile_warnings),
    )
