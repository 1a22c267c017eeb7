"""The sheet: an overview of the picture, and close-ups of every method beside one another."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.geometry import Size
from srcli.imaging.pixels.resize import resize
from srcli.metrics.protocol import Protocol, measure
from srcli.metrics.structure import WINDOW
from srcli.pipeline.compare.canvas import FADED, GOOD, INK, Canvas, Colour
from srcli.pipeline.compare.comparison import METRICS, Comparison, Pane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.core.arrays import Planes
    from srcli.pipeline.compare.crops import Box

_MARGIN = 28
_GAP = 14
_TITLE_HEIGHT = 62
_HEADER_HEIGHT = 42
_FIGURES_HEIGHT = 26
_OVERVIEW_WIDTH = 340
_CELL_WIDTH = 256
_FRAMES: tuple[Colour, ...] = ((0.86, 0.15, 0.15), (0.05, 0.42, 0.85), (0.85, 0.5, 0.0), (0.5, 0.2, 0.7))


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things are, in pixels of the sheet."""

    cells: tuple[Size, ...]
    column: int
    overview: Size
    columns: int

    @property
    def size(self) -> Size:
        rows = sum(cell.height + _FIGURES_HEIGHT + _GAP for cell in self.cells)
        body = max(self.overview.height, _HEADER_HEIGHT + rows)
        width = _OVERVIEW_WIDTH + self.columns * (self.column + _GAP) + 2 * _MARGIN
        return Size(2 * _MARGIN + _TITLE_HEIGHT + body, width)

    def corner(self, row: int, column: int) -> tuple[int, int]:
        above = sum(cell.height + _FIGURES_HEIGHT + _GAP for cell in self.cells[:row])
        x = _MARGIN + _OVERVIEW_WIDTH + _GAP + column * (self.column + _GAP)
        return x, _MARGIN + _TITLE_HEIGHT + _HEADER_HEIGHT + above


def draw_sheet(comparison: Comparison, boxes: Sequence[Box]) -> Planes:
    """Draw the sheet.

    Above each column stands the method with its figures for the whole picture, under each close-up those of
    the close-up alone; the best of a row is green.

    Args:
        comparison: what to show.
        boxes: the parts to show closely, one row each, at least one.

    Returns:
        (height, width, 3) float32, 0..1.
    """
    layout = _plan(comparison, boxes)
    canvas = Canvas(layout.size)
    _draw_title(canvas, comparison)
    _draw_overview(canvas, comparison, boxes, layout.overview)
    for column, pane in enumerate(comparison.panes):
        _draw_header(canvas, pane, layout, column)
    for row, box in enumerate(boxes):
        _draw_row(canvas, comparison, layout, row, box)
    return canvas.planes


def _plan(comparison: Comparison, boxes: Sequence[Box]) -> _Layout:
    height, width = comparison.size
    cells = tuple(_cell_size(box) for box in boxes)
    overview = Size(max(1, round(height * _OVERVIEW_WIDTH / width)), _OVERVIEW_WIDTH)
    column = max(_CELL_WIDTH, *(cell.width for cell in cells))
    return _Layout(cells, column, overview, len(comparison.panes))


def _cell_size(box: Box) -> Size:
    """Whole multiples, so that every pixel of a close-up is a square."""
    zoom = max(1, round(_CELL_WIDTH / box.width))
    return Size(box.height, box.width).scaled(zoom)


def _draw_title(canvas: Canvas, comparison: Comparison) -> None:
    canvas.write(comparison.name, (_MARGIN, _MARGIN - 6), height=22)
    about = f"{comparison.input_size} to {comparison.size}, x{comparison.scale}"
    if comparison.protocol:
        about += f". PSNR in dB and SSIM: {comparison.protocol}; under each close-up, of the close-up"
    canvas.write(about, (_MARGIN, _MARGIN + 24), height=14, colour=FADED)


def _draw_overview(canvas: Canvas, comparison: Comparison, boxes: Sequence[Box], size: Size) -> None:
    whole = np.clip(resize(comparison.panes[-1].colour, size), 0, 1)
    x, y = _MARGIN, _MARGIN + _TITLE_HEIGHT
    canvas.paste(whole, (x, y))
    ratio = size.width / comparison.size.width
    for row, box in enumerate(boxes):
        place = x + round(box.x * ratio), y + round(box.y * ratio)
        area = Size(max(1, round(box.height * ratio)), max(1, round(box.width * ratio)))
        canvas.frame(place, area, _colour_of(row), thickness=3)
        canvas.tag(_letter_of(row), (place[0], place[1]), _colour_of(row), side=16)


def _draw_header(canvas: Canvas, pane: Pane, layout: _Layout, column: int) -> None:
    x, y = layout.corner(0, column)
    canvas.write(pane.label, (x, y - _HEADER_HEIGHT), height=17, width=layout.column)
    seconds = [] if pane.seconds is None else [f"{pane.seconds:.2f} s"]
    words = ", ".join([*_words(pane.figures), *seconds])
    canvas.write(words, (x, y - _HEADER_HEIGHT + 21), height=13, colour=FADED, width=layout.column)


def _draw_row(canvas: Canvas, comparison: Comparison, layout: _Layout, row: int, box: Box) -> None:
    cell = layout.cells[row]
    figures = [_crop_figures(pane, comparison.reference, box) for pane in comparison.panes]
    best = max((values["psnr"] for values in figures if values), default=math.nan)
    for column, pane in enumerate(comparison.panes):
        x, y = layout.corner(row, column)
        zoom = cell.width // box.width
        canvas.paste(box.of(pane.colour).repeat(zoom, axis=0).repeat(zoom, axis=1), (x, y))
        canvas.frame((x, y), cell, _colour_of(row), thickness=2)
        canvas.tag(_letter_of(row), (x, y), _colour_of(row))
        values = figures[column]
        colour = GOOD if values and values["psnr"] == best else INK
        words = "   ".join(_words(values))
        canvas.write(words, (x, y + cell.height + 5), height=14, colour=colour, width=layout.column)


def _crop_figures(pane: Pane, reference: Pane | None, box: Box) -> dict[str, float]:
    if reference is None or pane is reference or min(box.width, box.height) < WINDOW:
        return {}
    return measure(box.of(pane.colour), box.of(reference.colour), Protocol("y"), METRICS)


def _words(figures: dict[str, float]) -> list[str]:
    return [f"{figures['psnr']:.2f} dB", f"{figures['ssim']:.4f}"] if figures else []


def _colour_of(row: int) -> Colour:
    return _FRAMES[row % len(_FRAMES)]


def _letter_of(row: int) -> str:
    return chr(ord("A") + row % 26)
