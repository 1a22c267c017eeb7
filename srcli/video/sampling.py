"""Which of an encoder's pixel formats holds a source with the least loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.video.info import PixelFormat
from srcli.video.pixel_formats import STEPS

if TYPE_CHECKING:
    from collections.abc import Sequence

RGB24 = PixelFormat("rgb24", 8, "rgb", has_alpha=False)
"""The one packed format that srcli fills, for RGB in H.264."""


def closest(wanted: PixelFormat, offered: Sequence[PixelFormat]) -> PixelFormat:
    """The format that loses least of another one: first opacity, then depth, then chroma; and adds least."""
    return min(offered, key=lambda layout: (*_lost(wanted, layout), *_added(wanted, layout)))


def losses(wanted: PixelFormat, layout: PixelFormat, title: str) -> list[str]:
    """What a format can't hold of another one, one clause each.

    Args:
        wanted: of the source.
        layout: to write.
        title: of the codec.
    """
    found = []
    if wanted.has_alpha and not layout.has_alpha:
        found.append(f"its opacity is dropped: {title} holds none here")
    if layout.depth < wanted.depth:
        found.append(f"its {wanted.depth} bits a sample become {layout.depth}: {title} holds no more here")
    if _chroma_lost(wanted, layout):
        found.append(f"its colours ({wanted.chroma}) are written as {layout.chroma}")
    return found


def _lost(wanted: PixelFormat, layout: PixelFormat) -> tuple[int, int, int, int]:
    # Grey is grey in any format; RGB becomes YCbCr only where it must, and the reverse never of its own.
    foreign = (wanted.chroma == "rgb") != (layout.chroma == "rgb")
    return (
        int(wanted.has_alpha and not layout.has_alpha),
        max(0, wanted.depth - layout.depth),
        _chroma_lost(wanted, layout),
        int(foreign),
    )


def _added(wanted: PixelFormat, layout: PixelFormat) -> tuple[int, int, int]:
    return (
        max(0, layout.depth - wanted.depth),
        _samples(layout) - (_samples(wanted) if wanted.chroma != "grey" else 0),
        int(layout.has_alpha and not wanted.has_alpha),
    )


def _chroma_lost(wanted: PixelFormat, layout: PixelFormat) -> int:
    if wanted.chroma == "grey" or layout.chroma == "rgb":
        return 0
    if layout.chroma == "grey":
        return 16
    have = STEPS[layout.chroma]
    want = STEPS.get(wanted.chroma, (1, 1))
    return max(0, have[0] - want[0]) + max(0, have[1] - want[1])


def _samples(layout: PixelFormat) -> int:
    """Samples of chroma on 16 pixels, to compare by."""
    if layout.chroma == "grey":
        return 0
    down, across = STEPS.get(layout.chroma, (1, 1))
    return 32 // (down * across)
