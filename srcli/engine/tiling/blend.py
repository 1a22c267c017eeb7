"""How the pixels of windows come together on one canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from srcli.core.errors import OutOfMemory
from srcli.core.geometry import Size
from srcli.core.pixel_format import PixelFormat

if TYPE_CHECKING:
    from srcli.core.arrays import Planes
    from srcli.core.rows import Band
    from srcli.engine.tiling.tiles import Area, Span, Window

_ROWS_AT_ONCE = 64
"""Rows of a window that are clipped, finished and pasted together, so that they stay near the processor."""


def _unchanged(planes: Planes) -> Band:
    return planes


FLOATS: PixelFormat[Planes] = PixelFormat(_unchanged)
"""Pixels as a generator gives them, clipped to 0..1."""


class Canvas:
    """The result of an area of the picture, as windows are pasted onto it.

    Args:
        area: what it shows, in input pixels.
        scale: output pixels per input pixel.
        fades: whether windows cross-fade; if not, every pixel is pasted once.
        before: the canvas above; what it showed below its last cut is taken over.
    """

    def __init__(self, area: Area, scale: int, *, fades: bool, before: Canvas | None = None) -> None:
        self._area = area
        self._scale = scale
        self._fades = fades
        self._rest: Band | None = None if before is None else before._rest
        self._pixels: Band | None = None

    def paste(self, patch: Band, window: Window, pixels: PixelFormat[Planes] = FLOATS) -> None:
        """Put what a window contributes on the canvas.

        Args:
            patch: (scale * height, scale * width, 3) of the area of the window: float32, which is clipped to
                0..1 in place, or finished pixels of any other type.
            window: where the patch belongs, and how it fades into its neighbours.
            pixels: what its pixels are before they are pasted, unless they are finished.
        """
        top = (window.area.top - self._area.top) * self._scale
        left = (window.area.left - self._area.left) * self._scale
        columns = slice(left, left + patch.shape[1])
        if patch.dtype != np.float32:
            self._all(patch)[top : top + len(patch), columns] = patch
            return
        weights = _weights(window, self._scale) if fades(window) else None
        for start in range(0, len(patch), _ROWS_AT_ONCE):
            part = patch[start : start + _ROWS_AT_ONCE]
            part = np.clip(part, 0.0, 1.0, out=part)
            rows = slice(top + start, top + start + len(part))
            finished = pixels.convert(part) if weights is None else part * weights[start : start + len(part)]
            place = self._all(finished)[rows, columns]
            if weights is None:
                # Channel by channel, from where they lie apart to where they lie side by side: twice as fast.
                for channel in range(finished.shape[2]):
                    place[:, :, channel] = finished[:, :, channel]
            else:
                place += finished

    def down_to(self, bottom: int) -> Band:
        """The rows above an input row; those from there on are kept for the canvas below."""
        assert self._pixels is not None, "a canvas without windows"
        cut = (bottom - self._area.top) * self._scale
        # A copy, since a view would hold all the other rows in memory.
        self._rest = self._pixels[cut:].copy() if cut < len(self._pixels) else None
        return self._pixels[:cut]

    def _all(self, like: Band) -> Band:
        """All pixels, zero where windows fade and nothing was pasted yet."""
        if self._pixels is None:
            shape = (*self._area.size.scaled(self._scale), like.shape[2])
            try:
                self._pixels = (np.zeros if self._fades else np.empty)(shape, like.dtype)
            except MemoryError as error:
                size = Size(*shape[:2])
                raise OutOfMemory(f"not enough memory for {size} pixels of the result") from error
            if self._rest is not None:
                self._pixels[: len(self._rest)] = self._rest
                self._rest = None
        return self._pixels


def fades(window: Window) -> bool:
    """Whether the window cross-fades with any neighbour."""
    spans = (window.row, window.column)
    return any(span.fade_before or span.fade_after for span in spans)


def _weights(window: Window, scale: int) -> Planes:
    """The weights of a window's pixels, (scale * height, scale * width, 1) float32."""
    weights = np.outer(axis_weights(window.row, scale), axis_weights(window.column, scale))
    return weights[..., np.newaxis].astype(np.float32)


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
