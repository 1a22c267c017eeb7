"""Frames through the generators, several side by side, and out in their order."""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from srcli.imaging.picture import Frame
from srcli.upscaling.enlargement import stack, unstack, upscale_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from srcli.core.arrays import Planes
    from srcli.core.geometry import Size
    from srcli.engine.tiling.tiled import TiledReport
    from srcli.upscaling.enlargement import Recipe
    from srcli.video.frame import VideoFrame
    from srcli.video.library import RawFrame


@dataclass(frozen=True, slots=True)
class Decoded:
    """A frame and its pixels; None where the result of the frame before is taken over."""

    frame: VideoFrame
    pixels: Planes | None


@dataclass(frozen=True, slots=True)
class Enlarged:
    """A frame and what became of it.

    Attributes:
        frame: as it was read.
        result: what the sink takes: (height, width, 3 or 4) float32, 0..1, or what ``finish`` made of that.
        repeated: whether it is the very result of the frame before.
    """

    frame: VideoFrame
    result: Planes | RawFrame
    repeated: bool = False


def as_pixels(pixels: Planes) -> Planes:
    """Leaves a result as it is, for sinks that take pixels."""
    return pixels


@dataclass(slots=True)
class FrameGenerator:
    """Enlarges the frames of one video.

    Attributes:
        recipe: what is done to each.
        size: of the results.
        side_by_side: how many are enlarged at a time.
        finish: what is done to each result side by side as well, so that it waits in little memory.
        reports: of each pass of the generators on the last frame that was finished.
        warnings: of all frames, each once.
        busy_s: how long it worked, in seconds, over all that are side by side.
    """

    recipe: Recipe
    size: Size
    side_by_side: int
    finish: Callable[[Planes], Planes | RawFrame] = as_pixels
    reports: list[TiledReport] = field(default_factory=list)
    warnings: dict[str, None] = field(default_factory=dict)
    busy_s: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def results(self, frames: Iterable[Decoded]) -> Iterator[Enlarged]:
        """The results in the order of the frames; a few frames are read ahead of them."""
        held: deque[tuple[Decoded, Future[Planes | RawFrame]]] = deque()
        with ThreadPoolExecutor(self.side_by_side, "enlarge") as workers:
            try:
                last: Future[Planes | RawFrame] | None = None
                for decoded in frames:
                    if decoded.pixels is not None or last is None:
                        last = workers.submit(self._enlarge, decoded)
                    held.append((decoded, last))
                    # Not held while the next is waited for.
                    del decoded
                    if len(held) > self.side_by_side:
                        yield _finished(*held.popleft())
                while held:
                    yield _finished(*held.popleft())
            finally:
                for _, future in held:
                    future.cancel()

    def _enlarge(self, decoded: Decoded) -> Planes | RawFrame:
        pixels = decoded.frame.pixels() if decoded.pixels is None else decoded.pixels
        started_s = time.perf_counter()
        reports: list[TiledReport] = []
        if pixels.shape[:2] != self.size or self.recipe.generators:
            frame = unstack(pixels, has_alpha=pixels.shape[2] > 3)
            larger, reports = upscale_frame(Frame(frame.colour, frame.alpha), self.size, self.recipe)
            pixels = stack(larger)
            del frame, larger
        result = self.finish(pixels)
        with self._lock:
            self.busy_s += time.perf_counter() - started_s
            self.reports = reports or self.reports
            self.warnings |= dict.fromkeys(warning for report in reports for warning in report.warnings)
        return result


def _finished(decoded: Decoded, future: Future[Planes | RawFrame]) -> Enlarged:
    return Enlarged(decoded.frame, future.result(), decoded.pixels is None)
