"""One video measured against another, frame by frame and over time."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import numpy as np

from srcli.core.errors import InputError
from srcli.core.events import FRAME
from srcli.core.names import printable
from srcli.core.outcome import Failure, Outcome
from srcli.metrics.protocol import DATA_RANGE, Protocol, measure
from srcli.metrics.registry import find_metric
from srcli.metrics.steadiness import Steadiness
from srcli.pipeline.measure.pair import are_identical, finite_or_none, shave_of
from srcli.video.video import open_video

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from srcli.core.arrays import Planes
    from srcli.core.events import Events, Progress
    from srcli.pipeline.measure.pair import MeasureSettings
    from srcli.video.frame import VideoFrame
    from srcli.video.video import Video

T_PSNR, FLICKER = "t-psnr", "flicker"
"""Figures of a whole video: how its changes differ from the reference's, and what trembles where that stands
still; see :class:`Steadiness`."""
MOST_APART_S = 0.0015
"""Frames at one place in two videos may be shown so far apart: containers round times to milliseconds."""


@dataclass(frozen=True, slots=True)
class VideoPairReport(Outcome):
    """How one pair of videos ended: with figures, or a failure. ``size`` is (width, height) in pixels.

    ``figures`` are means over the frames, and ``t-psnr`` in dB and ``flicker`` in 8-bit levels over all of
    them; ``per_frame`` has the figures of each frame by name.
    """

    result: str
    reference: str
    protocol: str | None = None
    size: tuple[int, int] | None = None
    frames: int = 0
    figures: dict[str, float] = field(default_factory=dict)
    per_frame: dict[str, list[float]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def worst(self, name: str) -> tuple[int, float]:
        """The frame that a metric finds worst, counted from 0, and its figure."""
        values = self.per_frame[name]
        pick = np.argmin if find_metric(name).higher_is_better else np.argmax
        index = int(pick(values))
        return index, values[index]

    def to_json(self) -> dict[str, Any]:
        """JSON-ready values. JSON has no infinity: an infinite PSNR is null, and ``identical`` is true."""
        return {
            "result": self.result,
            "reference": self.reference,
            "protocol": self.protocol,
            "size": self.size,
            "frames": self.frames,
            **{name: finite_or_none(value) for name, value in self.figures.items()},
            "per_frame": {
                name: [finite_or_none(value) for value in values] for name, values in self.per_frame.items()
            },
            "identical": are_identical(self.figures),
            "warnings": self.warnings,
            **self.failure_to_json(),
        }


def measure_video_pairs(
    pairs: Sequence[tuple[Path, Path]], settings: MeasureSettings, events: Events[VideoPairReport]
) -> list[VideoPairReport]:
    """Measure videos against references; one that fails is reported and does not end the run."""
    reports = []
    for result, reference in pairs:
        name = printable(result)
        events.started(name)
        reports.append(_try_videos(result, reference, settings, partial(events.progress, name, FRAME)))
        events.finished(reports[-1])
    return reports


def _try_videos(
    result: Path, reference: Path, settings: MeasureSettings, progress: Progress
) -> VideoPairReport:
    """An error becomes part of the report."""
    try:
        return measure_videos(result, reference, settings, progress)
    except Exception as error:
        name = printable(result)
        return VideoPairReport(name, printable(reference), failure=Failure.of(error, name))


def measure_videos(
    result: Path, reference: Path, settings: MeasureSettings, progress: Progress
) -> VideoPairReport:
    """Measure a pair of videos of one size and one number of frames.

    Raises:
        InputError: a file can't be read, or the two can't be compared.
        UsageError: the border is to follow from the name, and the name doesn't tell.
        MissingExtra: PyAV is not installed.
    """
    protocol = Protocol(settings.channel, shave_of(result, settings), settings.depth or 8)
    steadiness = Steadiness(DATA_RANGE)
    per_frame: dict[str, list[float]] = {name: [] for name in settings.metrics}
    apart = 0
    with (
        open_video(result, deinterlace="off") as ours,
        open_video(reference, deinterlace="off") as theirs,
    ):
        _check_sizes(ours, theirs)
        total = ours.info.frames or theirs.info.frames or 0
        for index, (frame, truth) in enumerate(_in_step(ours, theirs), start=1):
            pixels, wanted = _opaque(frame), _opaque(truth)
            figures = measure(pixels, wanted, protocol, settings.metrics, settings.networks)
            for name, value in figures.items():
                per_frame[name].append(value)
            steadiness.add(protocol.prepare(pixels), protocol.prepare(wanted))
            apart += abs(_seconds(frame, ours) - _seconds(truth, theirs)) > MOST_APART_S
            progress(index, max(index, total))
        size = ours.info.size
    figures = {name: float(np.mean(values)) for name, values in per_frame.items()}
    figures |= {T_PSNR: steadiness.t_psnr_db, FLICKER: steadiness.flicker_levels}
    count = len(next(iter(per_frame.values())))
    return VideoPairReport(
        printable(result),
        printable(reference),
        str(protocol),
        (size.width, size.height),
        count,
        figures,
        per_frame,
        (f"{apart} of {count} frames are shown at other times than in the reference",) if apart else (),
    )


def _check_sizes(ours: Video, theirs: Video) -> None:
    if ours.info.size != theirs.info.size:
        raise InputError(
            f"{ours.info.name} is {ours.info.size}, and {theirs.info.name} is {theirs.info.size}",
            hint="metrics compare pixel by pixel: enlarge to the size of the reference",
        )


def _in_step(ours: Video, theirs: Video) -> Iterator[tuple[VideoFrame, VideoFrame]]:
    """Frames of two videos, in pairs.

    Raises:
        InputError: one of them has more.
    """
    for count, (frame, truth) in enumerate(zip_longest(ours.frames(), theirs.frames())):
        if frame is None or truth is None:
            shorter, longer = (ours, theirs) if frame is None else (theirs, ours)
            raise InputError(f"{shorter.info.name} has only {count} frames, and {longer.info.name} has more")
        yield frame, truth


def _opaque(frame: VideoFrame) -> Planes:
    """RGB; what lies under transparent pixels counts as it is."""
    return frame.pixels()[:, :, :3]


def _seconds(frame: VideoFrame, video: Video) -> float:
    """When a frame is shown, from the first one."""
    return float((frame.pts - (video.info.start or 0)) * video.info.time_base)
