"""A decoded frame on its way to a generator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from srcli.core.arrays import Planes


class Convert(Protocol):
    """Turns what was decoded into pixels."""

    def __call__(self) -> Planes:
        """Convert now, in the thread that asks."""


@dataclass(frozen=True, slots=True)
class VideoFrame:
    """One frame of a video.

    Attributes:
        index: from 0, counted from the first frame that was asked for (not from a later one to resume at).
        pts: when it is shown, in ticks of ``VideoInfo.time_base``; made from the rate for streams without
            times.
        duration: how long, in ticks: up to the next frame, and for the last one as the file says.
        repeats: whether its stored samples equal those of the frame before exactly.
        damaged: whether the decoder concealed errors in it.
        pixels: gives (height, width, 3 or 4) float32 in 0..1, RGB in the stream's own colour coding, upright,
            contiguous, opacity last where ``VideoInfo.has_alpha``. Any thread may call it, once or more;
            each call converts again.
    """

    index: int
    pts: int
    duration: int
    repeats: bool
    damaged: bool
    pixels: Convert
