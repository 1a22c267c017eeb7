"""Measures a result against its input as its rows pass, and moves its colours back where asked.

The rows go through once and in bounded memory, however high the picture is: those that were shrunk already
wait only for the correction that depends on rows below them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from srcli.core.events import Progress, silent
from srcli.core.geometry import Size
from srcli.core.pixel_format import PixelFormat
from srcli.core.rows import Rows, SlidingRows, Tape, abreast
from srcli.imaging.pixels.resize import resize_rows
from srcli.upscaling.enlargement import Enlargement, FrameRows, Recipe, stack, unstack
from srcli.upscaling.fidelity.figures import FidelityMeter, areas_along

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from srcli.core.rows import Band
    from srcli.engine.tiling.tiled import TiledReport
    from srcli.imaging.picture import Frame
    from srcli.upscaling.fidelity.figures import Fidelity

_LEVELS = 255


class GuardedEnlargement:
    """An enlargement whose result is measured before it is finished.

    Args:
        frame: straight alpha.
        size: the exact output size.
        recipe: what to do.
        pixels: what finished pixels are to be.
        progress: told of each tile.
        correct: whether low frequencies are moved back to those of the input.
        space: the space of colour changes, in words.

    Attributes:
        rows: the result in ``pixels``; read from its first row on.
    """

    def __init__(
        self,
        frame: FrameRows,
        size: Size,
        recipe: Recipe,
        pixels: PixelFormat[Frame],
        progress: Progress = silent,
        *,
        correct: bool,
        space: str,
    ) -> None:
        has_alpha = frame.alpha is not None
        self._work = Enlargement(frame, size, recipe, PixelFormat(stack), progress)
        self._colours = frame.channels
        self._channels = frame.channels + has_alpha
        self._low = _stacked(self._work.source)
        self._meter = FidelityMeter(self._low.size, has_alpha=has_alpha, space=space)
        self._moved = _Moved() if correct else None
        rows = self._corrected(self._work.rows, self._moved) if self._moved else self._work.rows
        self.rows = (
            self._measured(rows).thin().map(lambda band: pixels.convert(unstack(band, has_alpha=has_alpha)))
        )

    def reports(self) -> list[TiledReport]:
        """How each pass of a generator went, once the rows were read."""
        return self._work.reports()

    def fidelity(self) -> Fidelity:
        """The figures, once the rows were read."""
        return self._meter.result(self._moved.levels if self._moved else None)

    def _measured(self, rows: Rows) -> Rows:
        """The same rows, added to the meter as they pass."""

        def read(start: int) -> Iterator[Band]:
            tape = Tape(rows)
            for back, low in self._pairs(tape)(start):
                self._meter.add(low, back)
                yield from tape.passed()

        return Rows(rows.size, read)

    def _corrected(self, rows: Rows, moved: _Moved) -> Rows:
        """The rows plus the enlarged difference of the areas' means: one step of back-projection.

        Source: Irani and Peleg, "Improving resolution by image registration", CVGIP: Graphical Models and
        Image Processing 53(3), 1991, equation 3, with areas for pixels: noise that a generator took away does
        not come back.
        """
        areas = Size(*map(areas_along, self._low.size))

        def read(start: int) -> Iterator[Band]:
            tape = Tape(rows)
            lost = Rows(self._low.size, lambda top: (low - back for back, low in self._pairs(tape)(top)))
            means = resize_rows(lost, areas, self._channels, method="box")
            kept, top = SlidingRows(tape.later(), start), start
            for change in resize_rows(means, rows.size, self._channels).read(start):
                moved.add(change[:, :, : self._colours])
                bottom = top + len(change)
                yield np.clip(kept.rows(top, bottom) + change, 0.0, 1.0)
                kept.drop(bottom)
                top = bottom

        return Rows(rows.size, read)

    def _pairs(self, tape: Tape) -> Callable[[int], Iterator[tuple[Band, ...]]]:
        """The result shrunk back, and the input, a few rows at a time."""
        result = Rows(self._work.rows.size, tape.now)
        return abreast(resize_rows(result, self._low.size, self._channels), self._low)


class _Moved:
    """How far values were moved."""

    def __init__(self) -> None:
        self._total = 0.0
        self._count = 0
        self._largest = 0.0

    def add(self, change: Band) -> None:
        """Take note of (any height, width, channels) changes."""
        distance = np.abs(change)
        self._total += float(distance.sum(dtype=np.float64))
        self._count += distance.size
        self._largest = max(self._largest, float(distance.max()))

    @property
    def levels(self) -> tuple[float, float]:
        """The mean and the largest change, in levels of 1/255."""
        return self._total / self._count * _LEVELS, self._largest * _LEVELS


def _stacked(frame: FrameRows) -> Rows:
    """Colour and alpha in one, (any height, width, colours and alpha)."""
    if frame.alpha is None:
        return frame.colour
    together = abreast(frame.colour.thin(), frame.alpha)
    return Rows(frame.colour.size, lambda start: (np.concatenate(bands, axis=2) for bands in together(start)))
