"""Chroma samples between their own grid and that of luma, at their true places."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    padded = _grid(plane, axis, margin=margin)
    result = np.empty((*plane.shape[:axis], length, *plane.shape[axis + 1 :]), np.float32)
    for phase in range(min(step, length)):
        position = (phase - offset) / step
        first = floor(position)
        count = ceil((length - phase) / step)
        terms = []
        for tap in range(-1, 3):
            start = margin + first + tap
            part = padded[_along(axis, slice(start, start + count))]
            terms.append((part, _cubic(position - first - tap)))
        result[_along(axis, slice(phase, None, step))] = _weighted(terms)
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
    count = ceil(plane.shape[axis] / step)
    margin = _REACH + 1
    # Arithmetic is quick where samples lie side by side.
    grids = [_grid(plane, axis, step, first, margin=margin) for first in range(step)]
    weights = {tap: _cubic((tap - offset) / step) / step for tap in range(-reach(step), reach(step) + 1)}
    total = sum(weights.values())
    terms = []
    for tap, weight in weights.items():
        shift, first = divmod(tap, step)
        start = margin + shift
        terms.append((grids[first][_along(axis, slice(start, start + count))], weight / total))
    return _weighted(terms)


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


def _weighted(terms: Iterable[tuple[Planes, float]]) -> Planes:
    """The weighted sum of planes of one shape; those of the same weight are added before."""
    alike: dict[float, list[Planes]] = {}
    for plane, weight in terms:
        if weight:
            alike.setdefault(weight, []).append(plane)
    result: Planes | None = None
    for weight, planes in alike.items():
        part = sum(planes[1:], planes[0]) * np.float32(weight)
        result = part if result is None else np.add(result, part, out=result)
    assert result is not None, "a kernel has weights"
    return result


def _grid(plane: Planes, axis: int, step: int = 1, first: int = 0, *, margin: int) -> Planes:
    """Every so manieth sample along an axis, side by side, with those at the edges repeated.

    Args:
        plane: float32, of any two or three axes.
        axis: 0 or 1.
        step: samples to one of the result.
        first: which of them.
        margin: samples of the result before those of the plane, and at least as many behind them.
    """
    inner = plane[_along(axis, slice(first, None, step))]
    count = ceil(plane.shape[axis] / step)
    result = np.empty((*plane.shape[:axis], count + 2 * margin, *plane.shape[axis + 1 :]), np.float32)
    behind = margin + inner.shape[axis]
    result[_along(axis, slice(margin, behind))] = inner
    result[_along(axis, slice(None, margin))] = plane[_along(axis, slice(None, 1))]
    result[_along(axis, slice(behind, None))] = plane[_along(axis, slice(-1, None))]
    return result


def _along(axis: int, part: slice) -> tuple[slice, ...]:
    return (*[slice(None)] * axis, part)
