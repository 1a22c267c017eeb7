"""The three stages of one picture: load, enlarge, store; rows go from one to the next as they are ready."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from io import SEEK_END
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, BinaryIO, cast

from srcli.core.cancel import CancelToken
from srcli.core.errors import OutputError
from srcli.core.events import FRAME, TILE
from srcli.core.pixel_format import PixelFormat
from srcli.engine.inference.endable import ending_with
from srcli.engine.inference.ort_session import CPU
from srcli.engine.tiling.planner import MEMORY_SHARE, available_memory
from srcli.imaging.colour.planes import take_pass
from srcli.imaging.encode import Strip, encode_animation, open_rows
from srcli.imaging.writers.quantise import fit_frame
from srcli.upscaling.colouring import naming
from srcli.upscaling.enlargement import Enlargement, Recipe, rows_of_frame
from srcli.upscaling.estimates import check_disk, check_memory, is_read_in_rows, memory_held, memory_needed
from srcli.upscaling.fidelity.figures import space_of_change
from srcli.upscaling.fidelity.guard import GuardedEnlargement
from srcli.upscaling.in_flight import Work, report_of
from srcli.upscaling.inspection import Inspection, inspect
from srcli.upscaling.outputs import AlreadyMade, Outputs, skipped
from srcli.upscaling.row_reading import read_in_rows
from srcli.upscaling.sampling import Estimator
from srcli.upscaling.seams import seams_in
from srcli.upscaling.settings import FidelityGuard
from srcli.upscaling.sinks import FileSink
from srcli.upscaling.time_limit import Patience

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from srcli.core.events import Progress
    from srcli.core.rows import Band
    from srcli.imaging.picture import Frame
    from srcli.upscaling.enlargement import FrameRows
    from srcli.upscaling.generator import Generator
    from srcli.upscaling.jobs import Job
    from srcli.upscaling.pool import GeneratorPool
    from srcli.upscaling.report import FileReport
    from srcli.upscaling.settings import UpscaleSettings
    from srcli.upscaling.sinks import BytesSink, StreamSink, UploadSink

_BYTES_IN_MEMORY = 2**26
"""What is meant for standard output waits in memory up to here, beyond that in a temporary file."""

_SMALL_PIXELS = 2**20
"""Pictures up to this go side by side. A larger one might still run, on its share of the threads, when all
others are done; its time is worth all threads."""


class Worker:
    """Takes pictures through the stages; each stage may run in a thread of its own.

    Args:
        settings: what to do.
        pool: the generators.
        remember: whether finished pictures are noted for ``--resume``.
    """

    def __init__(self, settings: UpscaleSettings, pool: GeneratorPool, *, remember: bool = False) -> None:
        self._settings = settings
        self._pool = pool
        self.outputs = Outputs(settings, settings.fingerprint(pool.hashes), remember=remember)
        # Pictures live in the machine's own memory, wherever the tiles run.
        self._memory_of = CPU
        self._free_at_first = available_memory(self._memory_of)
        self.estimator = Estimator(self._recipe(()))

    def inspect(self, job: Job) -> Inspection:
        """Read the header and plan the output."""
        return inspect(job, self._settings, self._pool)

    def check_room(self, inspection: Inspection, planned: int = 0) -> None:
        """See that memory and disk suffice for a picture, on its own.

        Args:
            inspection: the picture.
            planned: bytes of outputs that will have been written by then.

        Raises:
            OutOfMemory, OutputError: they don't.
        """
        # Less may be free only because pictures before it are still on their way.
        check_memory(inspection, max(self._free_at_first, available_memory(self._memory_of)))
        check_disk(inspection, self.estimator.disk_bytes, planned)

    def load(self, job: Job, cancel: CancelToken | None = None) -> Work | FileReport:
        """Stage one: decode. Gives the report at once where there is nothing to do.

        Args:
            job: the picture.
            cancel: asks for the end of the run.

        Raises:
            Cancelled: the picture or the run is to end.
        """
        token = CancelToken(cancel, job.cancel)
        token.check()
        started_s = time.perf_counter()
        finished = self.outputs.check(job)
        if finished:
            return finished
        inspection = self.inspect(job)
        with ExitStack() as resources:
            resources.enter_context(inspection.picture)
            self.check_room(inspection)
            work = Work(inspection, started_s, resources, token)
            work.journal = self.outputs.open_journal(inspection)
            if work.journal and self._settings.resume:
                work.resumed = work.journal.recall()
            if is_read_in_rows(inspection):
                work.frame = read_in_rows(inspection.picture, resources)
            elif not work.is_animation:
                work.frame = rows_of_frame(next(iter(inspection.picture.frames())))
                resources.close()
            work.resources = resources.pop_all()
            work.loaded_s = time.perf_counter()
        return work

    @property
    def side_by_side(self) -> int:
        """Small pictures that are best enlarged at a time, if they come in such numbers."""
        return self._pool.side_by_side

    def join_others(self, work: Work) -> bool:
        """Have a picture enlarged beside others, on a CPU with its share of the threads.

        Returns:
            False where it had better have all threads and the memory for itself.

        Raises:
            ModelError, MachineError: a generator can't be loaded.
        """
        inspection = work.inspection
        if work.is_animation or inspection.info.size.pixels > _SMALL_PIXELS:
            return False
        shared = replace(inspection, generators=self._pool.narrow(inspection.generators))
        needed = self.side_by_side * memory_needed(shared)
        if needed > available_memory(self._memory_of) * MEMORY_SHARE:
            return False
        work.inspection = shared
        return True

    def stop_sharing(self) -> None:
        """Give back the memory of what pictures side by side needed."""
        self._pool.close_narrow()

    def fits(self, work: Work) -> bool:
        """Whether the free memory suffices for the picture."""
        return memory_needed(work.inspection) <= self._free_beside(work)

    def enlarge(self, work: Work) -> None:
        """Stage two: run the generators, and send finished rows to the encoder.

        Raises:
            OutOfMemory: the picture needs more memory than there is, or even the smallest tile doesn't fit.
            InputError: the picture is damaged further down.
            OutputError: it takes too long, or the result is further from the input than allowed.
            Abandoned: storing failed, which tells why.
            Cancelled: the picture or the run is to end.
        """
        work.begin()
        frames = work.inspection.encoding.frames
        patience = self._patience(work)
        with work.rows.sending() as send, ending_with(patience):
            check_memory(work.inspection, self._free_beside(work))
            for number, (frame, duration_ms) in enumerate(work.frames()):
                patience.check()
                if work.is_animation:
                    work.tell(FRAME, number, frames)
                if self._settings.check_seams and number == 0:
                    _check_seams(work, frame)
                for rows in self._enlarged(work, frame, patience.checking(partial(work.tell, TILE))):
                    patience.check()
                    send(Strip(rows, number, duration_ms))
            if work.is_animation:
                work.tell(FRAME, frames, frames)

    def _enlarged(self, work: Work, frame: FrameRows, progress: Progress) -> Iterator[Band]:
        """The finished rows of a frame; those that an earlier run finished are left out."""
        inspection = work.inspection
        encoding = inspection.encoding
        pixels = PixelFormat(
            partial(fit_frame, encoding=encoding), encoding.pixel_bytes, encoding.only_rounds
        )
        recipe = self._recipe(inspection.generators)
        if inspection.guard:
            yield from self._guarded(work, frame, recipe, pixels, progress)
            return
        enlargement = Enlargement(frame, inspection.size, recipe, pixels, progress)
        start = work.resumed["rows"] if work.resumed else 0
        # A run may have died between the last row and the end of the file.
        if start < inspection.size.height:
            with naming(inspection.job.source.name):
                yield from enlargement.rows.read(start)
        work.reports.extend(enlargement.reports())

    def _guarded(
        self,
        work: Work,
        frame: FrameRows,
        recipe: Recipe,
        pixels: PixelFormat[Frame],
        progress: Progress,
    ) -> Iterator[Band]:
        """The same rows, held against the input.

        Raises:
            OutputError: the result is further from the input than allowed.
        """
        inspection = work.inspection
        enlargement = GuardedEnlargement(
            frame,
            inspection.size,
            recipe,
            pixels,
            progress,
            correct=inspection.guard is FidelityGuard.CORRECT,
            space=space_of_change(inspection.info),
        )
        yield from enlargement.rows.read(0)
        work.reports.extend(enlargement.reports())
        work.fidelity.append(enlargement.fidelity())
        self._check_fidelity(work)

    def _check_fidelity(self, work: Work) -> None:
        least, found = self._settings.min_fidelity_db, work.fidelity[-1].psnr_db
        if least is not None and found < least:
            frame = f"frame {len(work.fidelity)} of " if work.is_animation else ""
            raise OutputError(
                f"{frame}{work.inspection.job.source.name} is not kept: shrunk back, the result is at "
                f"{found:.2f} dB from it, below {least:g}",
                hint="--fidelity correct moves colours back"
                if work.inspection.guard is FidelityGuard.MEASURE
                else "lower --min-fidelity, or choose another generator",
            )

    def store(self, work: Work) -> FileReport:
        """Stage three: encode and write, as the rows come.

        Raises:
            OutputError: the system or the encoder refuses.
            Abandoned: enlarging failed, which tells why.
            Cancelled: the picture or the run is to end.
        """
        sink = work.inspection.job.target
        if isinstance(sink, FileSink):
            try:
                self._store_to_file(work, sink.path)
            except AlreadyMade:
                return skipped(work.inspection.job)
        else:
            self._store_to_stream(work, sink)
        return report_of(work, self._pool)

    def _store_to_stream(self, work: Work, sink: StreamSink | BytesSink | UploadSink) -> None:
        # Encoded whole before the first byte leaves: a failure leaves no half of a picture in the pipe.
        with SpooledTemporaryFile(_BYTES_IN_MEMORY) as file:
            self._encode(cast("BinaryIO", file), work)
            work.passed_bytes = file.seek(0, SEEK_END)
            file.seek(0)
            sink.take(cast("BinaryIO", file))

    def _store_to_file(self, work: Work, target: Path) -> None:
        inspection = work.inspection
        with self.outputs.making(inspection.job, inspection.identity, target, work.journal) as temporary:
            self._encode(temporary, work)

    def _encode(self, target: Path | BinaryIO, work: Work) -> None:
        if work.is_animation:
            inspection = work.inspection
            encode_animation(target, work.rows.receive(), inspection.size, inspection.encoding)
        else:
            self._encode_rows(target, work)
        # What comes after is quick.
        work.cancel.check()

    def _encode_rows(self, target: Path | BinaryIO, work: Work) -> None:
        inspection = work.inspection
        with open_rows(target, inspection.size, inspection.encoding, work.resumed) as file:
            for strip in work.rows.receive():
                file.write(strip.rows)
                if work.journal:
                    work.journal.note_when_due(file.checkpoint)

    def _free_beside(self, work: Work) -> int:
        """Memory that is free, or taken by the picture itself."""
        return available_memory(self._memory_of) + memory_held(work.inspection)

    def _patience(self, work: Work) -> Patience:
        return Patience(work.name, self._settings.timeout_s, work.cancel)

    def _recipe(self, generators: tuple[Generator, ...]) -> Recipe:
        return Recipe(
            generators,
            resize_method=self._pool.interpolation,
            strength=self._settings.strength,
            seamless=self._settings.seamless,
        )


def _check_seams(work: Work, frame: FrameRows) -> None:
    """Compare parts of a picture in tiles with larger windows."""
    colour = frame.colour.map(take_pass(frame.channels, 0))
    work.seams = seams_in(colour, work.inspection.generators)
    if work.seams is None:
        work.notes.append("its seams can't be checked: the generator or the memory takes no larger window")
