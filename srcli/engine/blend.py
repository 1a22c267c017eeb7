"""How the pixels of windows come together on one canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from srcli.core.arrays import Planes
    from srcli.engine.tiles import Area, Span, Window


def paste(canvas: Planes, patch: Planes, window: Window, origin: Area, scale: int) -> None:
    """Put what a window contributes on the canvas.

    Args:
        canvas: (scale * height, scale * width, channels) float32 of the area ``origin``; zero where nothing
            was pasted yet. Changed in place.
        patch: (scale * height, scale * width, channels) float32 of the area of the window.
        window: where the patch belongs, and how it fades into its neighbours.
        origin: the area that the canvas shows.
        scale: output pixels per input pixel.
    """
    area = window.area
    rows = slice((area.top - origin.top) * scale, (area.bottom - origin.top) * scale)
    columns = slice((area.left - origin.left) * scale, (area.right - origin.left) * scale)
    if fades(window):
        weights = np.outer(axis_weights(window.row, scale), axis_weights(window.column, scale))
        canvas[rows, columns] += patch * weights[..., np.newaxis].astype(np.float32)
    else:
        canvas[rows, columns] = patch


def fades(window: Window) -> bool:
    """Whether the window cross-fades with any neighbour."""
    spans = (window.row, window.column)
    return any(span.fade_before or span.fade_after for span in spans)


def axis_weights(span: Span, scale: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The weights of a window along one axis.

    Raised-cosine ramps, strictly positive everywhere in the window's area; the weights of all windows of a
    grid add up to one at every output pixel.

    Returns:
        (scale * (span.area_stop - span.area_start),) float64, in (0, 1].
    """
    weights = np.ones((span.area_stop - span.area_start) * scale)
    before, after = 2 * span.fade_before * scale, 2 * span.fade_after * scale
    if before:
        weights[:before] = _rise(before)
    if after:
        weights[-after:] = 1.0 - _rise(after)
    return weights


def _rise(length: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """A raised cosine from just above 0 to just below 1, sampled at the middles of ``length`` pixels."""
    phase: np.ndarray[tuple[int], np.dtype[np.float64]] = (np.arange(length) + 0.5) / length
    return 0.5 - 0.5 * np.cos(np.pi * phase)
