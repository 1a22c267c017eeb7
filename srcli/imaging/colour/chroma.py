"""Luma and chroma: taken apart, put together again, and chroma of a small picture raised to a large one.

Luma and chroma are BT.601 in full range, as in JPEG: luma Y within 0..1, Cb and Cr within -0.5..0.5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from srcli.core.geometry import Size
from srcli.imaging.pixels.resize import resize

if TYPE_CHECKING:
    import numpy.typing as npt

    from srcli.core.arrays import Plane, Planes

RED, GREEN, BLUE = 0.299, 0.587, 0.114
_CB, _CR = 2 * (1 - BLUE), 2 * (1 - RED)

GUIDE_RADIUS = 5
"""Of the neighbourhoods in which chroma is taken for a straight line over luma, in pixels."""
GUIDE_SMOOTHNESS = 1e-3
"""A neighbourhood whose luma varies less than this has one chroma."""
DETAIL = 4
"""Pixels along each side over which the raised chroma keeps its mean."""
CORRECTIONS = 2

_TINTS = 16
"""Steps of luma, each of which may have a tint of its own."""


def take_luma(rgb: Planes) -> Plane:
    """RGB (height, width, 3), 0..1, to luma (height, width), float32."""
    luma: Plane = (rgb @ np.array((RED, GREEN, BLUE), np.float32)).astype(np.float32, copy=False)
    return luma


def take_chroma(rgb: Planes) -> Planes:
    """RGB (height, width, 3) to Cb and Cr (height, width, 2), float32."""
    luma = take_luma(rgb)
    return np.stack([(rgb[:, :, 2] - luma) / _CB, (rgb[:, :, 0] - luma) / _CR], axis=2).astype(np.float32)


def with_chroma(luma: Plane, chroma: Planes) -> Planes:
    """Luma (height, width), 0..1, and Cb and Cr (height, width, 2) to RGB (height, width, 3), float32, 0..1.

    Where a colour so bright or so dark doesn't exist, it is made paler, never lighter or darker: the luma of
    the result is the luma given.
    """
    blue, red = chroma[:, :, 0] * np.float32(_CB), chroma[:, :, 1] * np.float32(_CR)
    green = (red * np.float32(RED) + blue * np.float32(BLUE)) / np.float32(-GREEN)
    offsets = np.stack([red, green, blue], axis=2)
    highest, lowest = offsets.max(axis=2), offsets.min(axis=2)
    tiny = np.float32(1e-9)
    room = np.minimum((1 - luma) / np.maximum(highest, tiny), luma / np.maximum(-lowest, tiny))
    offsets *= np.minimum(room, np.float32(1.0))[:, :, np.newaxis]
    offsets += luma[:, :, np.newaxis]
    return np.clip(offsets, 0.0, 1.0, out=offsets)


def lines_over_luma(luma: Plane, chroma: Planes) -> Planes:
    """What raises the chroma of a small picture along the edges of a large one.

    In each neighbourhood chroma is taken for a straight line over luma (He, Sun, Tang, "Guided image
    filtering", ECCV 2010). The lines, unlike the chroma, hold for the finer edges of the large picture as
    well; what they lose of the mean colour of a place is added to them again.

    Args:
        luma: (height, width) float32 of the small picture, sides multiples of ``DETAIL``.
        chroma: (height, width, 2) float32 of the same.

    Returns:
        (height, width, 4) float32: slopes for Cb and Cr, then what is added to luma times slope.
    """
    guide = luma[:, :, np.newaxis].astype(np.float64)
    mean, mean_chroma = _box(guide), _box(chroma.astype(np.float64))
    variance = _box(guide**2) - mean**2
    slopes = (_box(guide * chroma) - mean * mean_chroma) / (variance + GUIDE_SMOOTHNESS)
    slopes, offsets = _box(slopes), _box(mean_chroma - slopes * mean)
    size, coarse = Size(*luma.shape), Size(*(side // DETAIL for side in luma.shape))
    for _ in range(CORRECTIONS):
        lost = chroma - (slopes * guide + offsets)
        offsets = offsets + resize(resize(lost.astype(np.float32), coarse, method="box"), size)
    return np.concatenate([slopes, offsets], axis=2).astype(np.float32)


def follow_lines(luma: Plane, lines: Planes) -> Planes:
    """Chroma (height, width, 2) for luma (height, width) by the lines (height, width, 4) at each pixel."""
    return lines[:, :, :2] * luma[:, :, np.newaxis] + lines[:, :, 2:]


def colour_beyond_tint(rgb: Planes) -> float:
    """How much colour a picture has that is not the tint of its luma, as sepia and blueprints have one.

    Args:
        rgb: (height, width, 3), 0..1; a few thousand pixels suffice.

    Returns:
        The root of the mean square of the distance of chroma from the mean chroma of pixels as bright.
    """
    luma, chroma = take_luma(rgb).ravel(), take_chroma(rgb).reshape(-1, 2).astype(np.float64)
    places = np.clip(luma, 0, 1) * (_TINTS - 1)
    below = np.minimum(places.astype(np.intp), _TINTS - 2)
    share = (places - below)[:, np.newaxis]
    # The least squares of a line of straight pieces over luma, one knot for each step.
    knots = np.zeros((len(luma), _TINTS))
    rows = np.arange(len(luma))
    knots[rows, below], knots[rows, below + 1] = 1 - share[:, 0], share[:, 0]
    tints = np.linalg.lstsq(knots.T @ knots + 1e-6 * np.eye(_TINTS), knots.T @ chroma, rcond=None)[0]
    return float(np.sqrt(((chroma - knots @ tints) ** 2).sum(axis=1).mean()))


def _box(planes: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The mean of the neighbourhood of each pixel of (height, width, channels), which ends at the border."""
    height, width = planes.shape[:2]
    total = np.pad(planes.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0), (0, 0)))
    top, bottom = _ends(height)
    left, right = _ends(width)
    part = total[bottom][:, right] - total[top][:, right] - total[bottom][:, left] + total[top][:, left]
    mean: npt.NDArray[np.float64] = part / np.outer(bottom - top, right - left)[:, :, np.newaxis]
    return mean


def _ends(length: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    places = np.arange(length)
    return np.maximum(places - GUIDE_RADIUS, 0), np.minimum(places + GUIDE_RADIUS + 1, length)
