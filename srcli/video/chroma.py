"""Chroma samples between their own grid and that of luma, at their true places."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from srcli.core.arrays import Planes

_ACROSS = {"left": 0.0, "topleft": 0.0, "bottomleft": 0.0}
_DOWN = {"topleft": 0.0, "top": 0.0, "bottomleft": 1.0, "bottom": 1.0}
_REACH = 2
"""Of the cubic kernel, in chroma samples."""


def offsets(place: str, steps: tuple[int, int]) -> tuple[float, float]:
    """Where the first chroma sample lies, in luma samples down and across (H.273, figure 1)."""
    down, across = _DOWN.get(place, 0.5), _ACROSS.get(place, 0.5)
    return down * (steps[0] - 1), across * (steps[1] - 1)


def enlarge(plane: Planes, step: int, offset: float, length: int, axis: int) -> Planes:
    """Interpolate samples of chroma at each sample of luma along an axis.

    Args:
        plane: float32, of any two or three axes.
        step: luma samples to a chroma sample.
        offset: where the first chroma sample lies, in luma samples.
        length: how many samples to give.
        axis: 0 or 1.
    """
    if step == 1:
        return plane
    margin = _REACH + 1
    padded = _pad(plane, margin, margin, axis)
    result = np.empty((*plane.shape[:axis], length, *plane.shape[axis + 1 :]), np.float32)
    for phase in range(min(step, length)):
        position = (phase - offset) / step
        first = floor(position)
        count = ceil((length - phase) / step)
        target = result[_along(axis, slice(phase, None, step))]
        target[...] = 0
        for tap in range(-1, 3):
            weight = _cubic(position - first - tap)
            if weight:
                start = margin + first + tap
                target += np.float32(weight) * padded[_along(axis, slice(start, start + count))]
    return result


def reduce(plane: Planes, step: int, offset: float, axis: int) -> Planes:
    """Sample chroma down along an axis, with a cubic as wide as keeps patterns out.

    Args:
        plane: float32; its first sample is a luma sample 0 of the grid, and its last one ends a chroma
            sample or the picture.
        step: luma samples to a chroma sample.
        offset: where the first chroma sample lies, in luma samples.
        axis: 0 or 1.
    """
    if step == 1:
        return plane
    length = plane.shape[axis]
    count = ceil(length / step)
    margin = reach(step)
    padded = _pad(plane, margin, margin + step, axis)
    weights = {tap: _cubic((tap - offset) / step) / step for tap in range(-margin, margin + 1)}
    total = sum(weights.values())
    result = np.zeros((*plane.shape[:axis], count, *plane.shape[axis + 1 :]), np.float32)
    for tap, weight in weights.items():
        if weight:
            start = margin + tap
            part = padded[_along(axis, slice(start, start + step * (count - 1) + 1, step))]
            result += np.float32(weight / total) * part
    return result


def reach(step: int) -> int:
    """How many luma samples around a chroma sample's first one count for it."""
    return 0 if step == 1 else (_REACH + 1) * step


def _cubic(distance: float) -> float:
    """The cubic of Catmull and Rom (1974): Keys's with a = -0.5."""
    distance = abs(distance)
    if distance < 1:
        return 1.5 * distance**3 - 2.5 * distance**2 + 1
    if distance < _REACH:
        return -0.5 * distance**3 + 2.5 * distance**2 - 4 * distance + 2
    return 0.0


def _pad(plane: Planes, before: int, after: int, axis: int) -> Planes:
    return np.pad(plane, [(before, after) if each == axis else (0, 0) for each in range(plane.ndim)], "edge")


def _along(axis: int, part: slice) -> tuple[slice, ...]:
    return (*[slice(None)] * axis, part)
