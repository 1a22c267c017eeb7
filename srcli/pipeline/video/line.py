"""One video on its way: decoded, enlarged and encoded at the same time, a few frames in each place."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from srcli.core.errors import Cancelled, InputError
from srcli.core.events import FRAME, Events
from srcli.pipeline.video.behind import WorkBehind
from srcli.pipeline.video.generate import Decoded
from srcli.pipeline.video.report import Going, VideoReport
from srcli.upscaling.channel import ReadAhead

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

    from srcli.core.cancel import Cancel
    from srcli.pipeline.video.generate import Enlarged, FrameGenerator
    from srcli.pipeline.video.inspection import VideoInspection
    from srcli.pipeline.video.pace import Pace
    from srcli.pipeline.video.sinks import Sink
    from srcli.pipeline.video.source import Frames

_AHEAD, _BEHIND = 2, 1
"""Frames that wait for the generators, and for the encoder."""


class VideoEvents(Events[VideoReport]):
    """Hears how a run goes on, always from the thread that runs it, and ignores it: see :class:`Events`.

    ``progress`` counts frames; the others tell more, for those who want it.
    """

    def opened(self, inspection: VideoInspection, resumed: int, notes: tuple[str, ...]) -> None:
        """A video was opened, and what its output can't hold is known; the work on it comes next.

        Args:
            inspection: the video.
            resumed: frames that an earlier run finished.
            notes: what else to say.
        """

    def going(self, going: Going) -> None:
        """Further frames are encoded."""

    def segment(self, index: int, frames: int) -> None:
        """A segment is whole on the disk; ``frames`` are, in all."""


@dataclass(slots=True)
class Line:
    """The way of one video's frames.

    Attributes:
        read: the frames.
        generator: enlarges them.
        pace: counts them.
        time_base: seconds a tick.
        start: the time of the video's first frame in ticks.
        exact: whether the number of frames is the file's own.
        listener: hears of them.
        name: of the video, for the listener.
        reuse: whether a frame that equals the one before takes over its result.
        cancel: whether the work is to be given up.
        busy_s: how long each stage worked, in seconds.
    """

    read: Frames
    generator: FrameGenerator
    pace: Pace
    time_base: Fraction
    start: int
    exact: bool
    listener: VideoEvents
    name: str
    reuse: bool = True
    cancel: Cancel | None = None
    busy_s: dict[str, float] = field(default_factory=lambda: {"decode": 0.0, "encode": 0.0})
    _segments: deque[tuple[int, int]] = field(default_factory=deque)
    _pts: int = 0

    def run(self, sink: Sink) -> None:
        """Send all frames to a sink.

        Raises:
            InputError: there was no frame.
            InputError, OutputError, MachineError, ModelError: what a stage raises.
            Cancelled: that was asked for.
        """
        self.pace.begin()
        ahead = ReadAhead(self._decode(), _AHEAD)
        try:
            behind: WorkBehind[Enlarged] = WorkBehind(lambda frames: self._encode(sink, frames), _BEHIND)
            with behind.sending() as send:
                for enlarged in self.generator.results(ahead.items()):
                    if self.cancel is not None and self.cancel.is_set():
                        raise Cancelled("cancelled")
                    send(enlarged)
                    # Not held while the next is waited for.
                    del enlarged
                    self._tell()
        finally:
            ahead.close()
        if not self.pace.done:
            raise InputError(f"{self.name} gave no frame that could be enlarged")
        self._tell()

    def written(self, enlarged: Enlarged) -> None:
        """A frame was encoded, in the thread of the sink."""
        self._pts = enlarged.frame.pts
        self.pace.count(repeated=enlarged.repeated)

    def segment_done(self, index: int) -> None:
        """A segment is whole, in the thread of the sink."""
        self._segments.append((index, self.pace.done))

    def _decode(self) -> Iterator[Decoded]:
        """Frames with their pixels, which are converted here, while others are enlarged."""
        started_s = time.perf_counter()
        first = True
        for frame in self.read:
            repeats = frame.repeats and self.reuse and not first
            decoded = Decoded(frame, None if repeats else frame.pixels())
            first = False
            self.busy_s["decode"] += time.perf_counter() - started_s
            yield decoded
            started_s = time.perf_counter()
            # Not held while the next is waited for.
            del decoded, frame

    def _encode(self, sink: Sink, frames: Iterator[Enlarged]) -> None:
        """Have a sink take the frames, and count the time that it does not wait for them."""
        started_s, waited_s = time.perf_counter(), 0.0

        def waiting() -> Iterator[Enlarged]:
            nonlocal waited_s
            asked_s = time.perf_counter()
            for enlarged in frames:
                waited_s += time.perf_counter() - asked_s
                yield enlarged
                del enlarged
                asked_s = time.perf_counter()
            waited_s += time.perf_counter() - asked_s

        try:
            sink.take(waiting())
        finally:
            self.busy_s["encode"] = time.perf_counter() - started_s - waited_s

    def _tell(self) -> None:
        while self._segments:
            self.listener.segment(*self._segments.popleft())
        pace = self.pace
        if pace.done:
            # Where nobody knows how many there will be, there is at least one more.
            total = pace.done + 1 if pace.total is None else max(pace.done, pace.total)
            self.listener.progress(self.name, FRAME, pace.done, total)
            seconds = float((self._pts - self.start) * self.time_base)
            self.listener.going(
                Going(
                    pace.done,
                    pace.total,
                    self.exact,
                    pace.repeated,
                    seconds,
                    pace.frames_per_second,
                    pace.left_s,
                )
            )
