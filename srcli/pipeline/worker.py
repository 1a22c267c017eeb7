"""The three stages of one picture: load, enlarge, store."""

from __future__ import annotations

import io
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from srcli.core.errors import OutOfMemory, OutputError
from srcli.core.progress import Progress, silent
from srcli.engine.planner import available_memory
from srcli.engine.providers import choose_device
from srcli.imaging.encode import encode_picture
from srcli.pipeline.files import atomic_path
from srcli.pipeline.image import Recipe, upscale_frame
from srcli.pipeline.inspection import Inspection, inspect
from srcli.pipeline.manifest import Manifest
from srcli.pipeline.needs import memory_needed
from srcli.pipeline.report import FileReport, Status
from srcli.pipeline.settings import Existing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from srcli.engine.tiled import TiledReport
    from srcli.imaging.picture import Frame
    from srcli.pipeline.jobs import Job
    from srcli.pipeline.pool import GeneratorPool
    from srcli.pipeline.settings import UpscaleSettings


@dataclass(slots=True)
class Work:
    """One picture on its way through the stages.

    ``frame`` is the decoded frame, then the enlarged one; ``None`` for an animation, whose frames are
    decoded, enlarged and encoded one by one so that its length does not matter.
    """

    inspection: Inspection
    started_s: float
    frame: Frame | None
    reports: list[TiledReport] = field(default_factory=list)

    @property
    def is_animation(self) -> bool:
        """Whether the output has several frames."""
        return self.inspection.encoding.animated


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
        self._manifest = Manifest(settings.fingerprint(pool.hashes))
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
            return Work(inspection, started_s, None)
        with inspection.picture as picture:
            return Work(inspection, started_s, next(iter(picture.frames())))

    def fits(self, work: Work) -> bool:
        """Whether the free memory suffices for the picture."""
        return memory_needed(work.inspection) <= available_memory(self._memory_of)

    def enlarge(self, work: Work, progress: Progress = silent) -> None:
        """Stage two: run the generators on the decoded frame.

        Raises:
            OutOfMemory: the picture needs more memory than there is, or even the smallest tile doesn't fit.
        """
        self._check_memory(work)
        if work.frame is not None:
            work.frame = self._enlarge_frame(work, work.frame, progress)

    def store(self, work: Work, progress: Progress = silent) -> FileReport:
        """Stage three: encode and write."""
        job = work.inspection.job
        if job.target is None:
            self._store_to_stream(work, progress)
        else:
            self._store_to_file(work, job.target, progress)
        return _report(work, self._pool)

    def _store_to_stream(self, work: Work, progress: Progress) -> None:
        # Encoded whole before the first byte leaves: a failure leaves no half of a picture in the pipe.
        buffer = io.BytesIO()
        encode_picture(buffer, self._frames(work, progress), work.inspection.encoding)
        try:
            sys.stdout.buffer.write(buffer.getbuffer())
            sys.stdout.buffer.flush()
        except OSError as error:
            raise OutputError(f"cannot write to standard output: {error.strerror or error}") from error

    def _store_to_file(self, work: Work, target: Path, progress: Progress) -> None:
        overwrite = self._settings.existing is Existing.OVERWRITE
        with atomic_path(target, overwrite=overwrite) as temporary:
            encode_picture(temporary, self._frames(work, progress), work.inspection.encoding)
        if self._remember and work.inspection.job.source:
            self._manifest.note(work.inspection.job.source, target)

    def _frames(self, work: Work, progress: Progress) -> Iterator[Frame]:
        if work.frame is not None:
            yield work.frame
            return
        with work.inspection.picture as picture:
            for frame in picture.frames():
                yield self._enlarge_frame(work, frame, progress)

    def _enlarge_frame(self, work: Work, frame: Frame, progress: Progress) -> Frame:
        recipe = Recipe(
            work.inspection.generators,
            resize_method=self._pool.interpolation,
            strength=self._settings.strength,
            seamless=self._settings.seamless,
        )
        larger, reports = upscale_frame(frame, work.inspection.size, recipe, progress)
        work.reports.extend(reports)
        return larger

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
