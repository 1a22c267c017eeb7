"""One picture on its way through the stages, and what is told of it in the end."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from srcli.core.cancel import CancelToken
from srcli.upscaling.channel import Channel
from srcli.upscaling.enlargement import rows_of_frame
from srcli.upscaling.fidelity.figures import worst_of
from srcli.upscaling.report import FileReport, Status, ran_on

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import ExitStack

    from srcli.engine.tiling.tiled import TiledReport
    from srcli.imaging.encode import Strip
    from srcli.imaging.writers.row_writers import Checkpoint
    from srcli.upscaling.enlargement import FrameRows
    from srcli.upscaling.fidelity.figures import Fidelity
    from srcli.upscaling.inspection import Inspection
    from srcli.upscaling.journal import Journal
    from srcli.upscaling.pool import GeneratorPool
    from srcli.upscaling.seams import Seams


_WAITING_BYTES = 2**26


class Tell(Protocol):
    """Hears how one picture goes on."""

    def __call__(self, unit: str, done: int, total: int) -> None:
        """Take note of ``done`` units out of ``total``."""


def _unheard(unit: str, done: int, total: int) -> None:
    """Nobody listens."""


@dataclass(slots=True)
class Work:
    """One picture on its way through the stages.

    Attributes:
        inspection: what is known about it.
        started_s: when its way began.
        loaded_s: when it was decoded, as far as it is decoded beforehand; it may wait for its turn then.
        begun_s: when its turn came.
        resources: what reads it.
        cancel: asks for its end.
        tell: hears of its tiles, and of the frames of an animation.
        frame: a still picture, as far as it was decoded; None for an animation, whose frames are decoded one
            by one so that its length does not matter.
        rows: finished rows of all frames on their way to the encoder.
        journal: keeps finished rows of a large picture, so that they outlive a crash.
        resumed: where an earlier run stopped; its rows are not made again.
        reports: of each pass of a generator.
        seams: of the picture, or of an animation's first frame, where they were checked.
        notes: what a person should know about how it went.
        passed_bytes: of the finished file, where it was passed on and lies nowhere.
        fidelity: of each frame that was measured against its input.
    """

    inspection: Inspection
    started_s: float
    resources: ExitStack
    cancel: CancelToken = field(default_factory=CancelToken)
    tell: Tell = _unheard
    frame: FrameRows | None = None
    rows: Channel[Strip] = field(init=False)
    journal: Journal | None = None
    resumed: Checkpoint | None = None
    reports: list[TiledReport] = field(default_factory=list)
    fidelity: list[Fidelity] = field(default_factory=list)
    loaded_s: float = 0.0
    begun_s: float | None = None
    seams: Seams | None = None
    notes: list[str] = field(default_factory=list)
    passed_bytes: int | None = None

    def __post_init__(self) -> None:
        self.rows = Channel(_WAITING_BYTES, lambda strip: strip.rows.nbytes, self.cancel)

    @property
    def name(self) -> str:
        """What reports and events call it."""
        return self.inspection.job.source.name

    @property
    def is_animation(self) -> bool:
        """Whether the output has several frames."""
        return self.inspection.encoding.animated

    def frames(self) -> Iterator[tuple[FrameRows, float]]:
        """The frames, and how long each is shown in milliseconds: one of a still picture.

        Raises:
            InputError: the file is truncated or damaged.
        """
        if self.frame is not None:
            yield self.frame, 0.0
            return
        for frame in self.inspection.picture.frames():
            yield rows_of_frame(frame), frame.duration_ms

    def begin(self) -> None:
        """Its turn has come."""
        if self.begun_s is None:
            self.begun_s = time.perf_counter()

    def seconds(self) -> tuple[float, float]:
        """How long the work on it has taken by now, and how long it waited for its turn."""
        now_s = time.perf_counter()
        waited_s = max(0.0, (self.begun_s or now_s) - self.loaded_s) if self.loaded_s else 0.0
        return now_s - self.started_s - waited_s, waited_s

    def close(self) -> None:
        """Let go of the picture and of what reads it; no more rows are sent."""
        self.frame = None
        # Or the encoder would wait for more for ever.
        self.rows.stop_sending()
        self.resources.close()


def report_of(work: Work, pool: GeneratorPool) -> FileReport:
    """The report of a picture that is done."""
    inspection = work.inspection
    seconds, waiting_seconds = work.seconds()
    runs = inspection.generators if work.reports else ()
    tile_warnings = dict.fromkeys(warning for report in work.reports for warning in report.warnings)
    info = inspection.info
    return FileReport(
        input=inspection.job.source.name,
        output=inspection.job.target.name,
        status=Status.DONE,
        input_size=(info.size.width, info.size.height),
        output_size=(inspection.size.width, inspection.size.height),
        frames=info.frames if work.is_animation else 1,
        scale=round(inspection.size.width / info.size.width, 4),
        model=pool.label(runs),
        **ran_on(pool, runs, work.reports, inspection.choice),
        tiles=sum(report.tiles for report in work.reports),
        ensemble=runs[-1].options.ensemble.size if runs else None,
        seconds=round(seconds, 4),
        waiting_seconds=round(waiting_seconds, 4),
        output_bytes=_size_of(work),
        fidelity=worst_of(work.fidelity) if work.fidelity else None,
        seams=work.seams,
        warnings=(*inspection.warnings, *tile_warnings, *work.notes),
    )


def _size_of(work: Work) -> int | None:
    """The bytes of the finished file; None where someone removed it since."""
    target = work.inspection.job.target.path
    try:
        return target.stat().st_size if target else work.passed_bytes
    except OSError:
        return None
