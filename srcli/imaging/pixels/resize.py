"""The one resize of srcli: MATLAB's ``imresize``, whose bicubic all super-resolution papers degrade with.

Source: the definition published with MATLAB R2007b and later (``imresize.m``, "contributions"). Output pixel
``i``, counted from 1, lies at ``i / f + (1 - 1 / f) / 2`` of the input, ``f`` being output length over input
length. Its weights are the kernel's values there, stretched by ``1 / f`` where the picture shrinks
(antialiasing), and are normalised to a sum of one. Beyond the border the picture is mirrored, the border
pixel repeated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from srcli.core.errors import UsageError
from srcli.core.rows import Rows, SlidingRows, rows_of, whole
from srcli.imaging.pixels.kernels import KERNELS, Kernel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.core.arrays import Planes
    from srcli.core.geometry import Size

METHODS: tuple[str, ...] = tuple(KERNELS)

# A strip is held as float64 in a handful of copies: this many values (2 MiB) keep them near the processor.
_STRIP_VALUES = 1 << 18


@dataclass(frozen=True, slots=True)
class _Taps:
    """Where the pixels of an output line come from.

    Attributes:
        positions: (outputs, taps) indices into the input line, mirrored at its ends.
        weights: (outputs, taps) float64, each row summing to one.
    """

    positions: npt.NDArray[np.intp]
    weights: npt.NDArray[np.float64]

    def between(self, start: int, stop: int) -> tuple[_Taps, slice]:
        """The taps of some output pixels, and the input pixels that these need and count from."""
        positions = self.positions[start:stop]
        first, last = int(positions.min()), int(positions.max())
        return _Taps(positions - first, self.weights[start:stop]), slice(first, last + 1)


def resize(planes: Planes, size: Size, *, method: str = "bicubic", antialias: bool = True) -> Planes:
    """Resize a picture as MATLAB's ``imresize`` does with a picture of type double.

    Weights and sums are float64: a picture that holds whole levels (0..255), shrunk by a whole factor and
    rounded half up, equals MATLAB's bit for bit. Works in strips: beyond input and output it needs a few
    megabytes.

    Args:
        planes: (height, width, channels) float32, any range.
        size: the size wanted, larger or smaller, each side by any factor of its own.
        method: one of ``METHODS``. ``box`` averages areas when shrinking; ``average`` takes the mean of the
            neighbouring pixels; ``lanczos`` has three lobes.
        antialias: stretch the kernel where the picture shrinks. ``nearest`` never does.

    Returns:
        (size.height, size.width, channels) float32, not clipped: kernels with negative lobes overshoot.

    Raises:
        UsageError: the method is unknown, or the size wanted is empty.
    """
    return whole(resize_rows(rows_of(planes), size, planes.shape[2], method=method, antialias=antialias))


def resize_rows(
    rows: Rows, size: Size, channels: int, *, method: str = "bicubic", antialias: bool = True
) -> Rows:
    """Resize a picture as it passes; see :func:`resize`.

    Args:
        rows: (any height, width, channels) float32.
        size: the size wanted.
        channels: of the picture.
        method: one of ``METHODS``.
        antialias: stretch the kernel where the picture shrinks.

    Raises:
        UsageError: the method is unknown, or the size wanted is empty.
    """
    kernel = _find_kernel(method)
    if min(size) < 1:
        raise UsageError(f"cannot resize to {size}: both sides need at least one pixel")
    down = _taps(rows.size.height, size.height, kernel, antialias)
    across = _taps(rows.size.width, size.width, kernel, antialias)
    # Near the lower edge a row may need a higher one, mirrored, than the row above it does.
    highest = np.minimum.accumulate(down.positions.min(axis=1)[::-1])[::-1]
    # Where the picture shrinks, a strip needs more rows than it gives.
    shrinkage = -(-rows.size.height // size.height)
    step = max(1, _STRIP_VALUES // (max(rows.size.width, size.width) * channels * shrinkage))

    def read(start: int) -> Iterator[Planes]:
        seen = SlidingRows(rows.read(int(highest[start])), int(highest[start]))
        for top in range(start, size.height, step):
            strip_rows, needed = down.between(top, min(top + step, size.height))
            seen.drop(int(highest[top]))
            strip = _combine(seen.rows(needed.start, needed.stop), strip_rows)
            # Turned on its side, so that a tap of the second pass also moves whole runs of memory.
            turned = np.ascontiguousarray(strip.swapaxes(0, 1))
            yield np.ascontiguousarray(_combine(turned, across).swapaxes(0, 1), np.float32)

    return Rows(size, read)


def _find_kernel(method: str) -> Kernel:
    try:
        return KERNELS[method]
    except KeyError:
        raise UsageError(f"unknown method '{method}'", hint=f"choose one of {', '.join(METHODS)}") from None


def _taps(length: int, target: int, kernel: Kernel, antialias: bool) -> _Taps:
    """The taps of every pixel of a line of ``target`` pixels made from one of ``length`` pixels."""
    factor = target / length
    stretch = min(factor, 1.0) if antialias and kernel.antialiased else 1.0
    width = kernel.width / stretch
    centres = np.arange(1, target + 1) / factor + 0.5 * (1 - 1 / factor)
    first = np.floor(centres - width / 2)
    offsets = np.arange(int(np.ceil(width)) + 2)
    places = first[:, None] + offsets
    weights = kernel.at(stretch * (centres[:, None] - places))
    weights /= weights.sum(axis=1, keepdims=True)
    used = weights.any(axis=0)
    return _Taps(_mirror(places[:, used].astype(np.intp) - 1, length), weights[:, used])


def _mirror(positions: npt.NDArray[np.intp], length: int) -> npt.NDArray[np.intp]:
    """Fold positions beyond a line back into it, the outermost pixel counted twice."""
    folded = positions % (2 * length)
    return np.where(folded < length, folded, 2 * length - 1 - folded)


def _combine(lines: npt.NDArray[np.floating], taps: _Taps) -> npt.NDArray[np.float64]:
    """Weighted sums along the first axis: (inputs, across, channels) to (outputs, across, channels)."""
    total = np.zeros((len(taps.positions), *lines.shape[1:]))
    for positions, weights in zip(taps.positions.T, taps.weights.T, strict=True):
        total += weights[:, None, None] * lines[positions]
    return total
