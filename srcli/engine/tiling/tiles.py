"""Where the windows of a tiled run lie, and which of their pixels count: pure geometry.

A window is what the generator sees. At each edge where a window is cut out of the picture, the outer
``overlap`` pixels lack context and are dropped; at a true border of the picture nothing is dropped and
nothing is padded, because there the generator sees what it would see in the whole picture. The pixels that a
window owns therefore partition the picture, and with an overlap of at least the receptive field the result is
that of the whole picture.

Lengths count input pixels unless a name says otherwise; order is always height, width.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from srcli.core.errors import UsageError
from srcli.core.geometry import Size

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Span:
    """One window along one axis, in input pixels.

    Attributes:
        start: first pixel that the window sees.
        stop: one past the last pixel that the window sees.
        own_start: first pixel that the window owns.
        own_stop: one past the last pixel that the window owns.
        fade_before: half the length of the cross-fade with the window before; 0 is a hard cut.
        fade_after: half the length of the cross-fade with the window after; 0 is a hard cut.
    """

    start: int
    stop: int
    own_start: int
    own_stop: int
    fade_before: int = 0
    fade_after: int = 0

    @property
    def length(self) -> int:
        """Number of pixels that the window sees."""
        return self.stop - self.start

    @property
    def area_start(self) -> int:
        """First pixel to which the window contributes."""
        return self.own_start - self.fade_before

    @property
    def area_stop(self) -> int:
        """One past the last pixel to which the window contributes."""
        return self.own_stop + self.fade_after


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of the picture, in input pixels; stops are exclusive."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def size(self) -> Size:
        """Height and width."""
        return Size(self.bottom - self.top, self.right - self.left)


@dataclass(frozen=True, slots=True)
class Window:
    """One window of a grid: a span along the rows and one along the columns."""

    row: Span
    column: Span

    @property
    def size(self) -> Size:
        """Height and width that the generator sees."""
        return Size(self.row.length, self.column.length)

    @property
    def area(self) -> Area:
        """The pixels to which the window contributes."""
        return Area(self.row.area_start, self.row.area_stop, self.column.area_start, self.column.area_stop)


@dataclass(frozen=True, slots=True)
class TileGrid:
    """All windows over an area of a picture; they have one shape.

    Attributes:
        area: what the windows own together.
        window: the shape of every window.
        scale: output pixels per input pixel.
        rows: the spans from top to bottom.
        columns: the spans from left to right.
    """

    area: Area
    window: Size
    scale: int
    rows: tuple[Span, ...]
    columns: tuple[Span, ...]

    def __len__(self) -> int:
        return len(self.rows) * len(self.columns)

    @property
    def fades(self) -> bool:
        """Whether any windows cross-fade."""
        return any(span.fade_after for span in (*self.rows, *self.columns))

    def windows(self) -> Iterator[Window]:
        """The windows row by row, left to right."""
        return (Window(row, column) for row in self.rows for column in self.columns)


def plan_grid(
    size: Size,
    *,
    window: Size,
    overlap: int,
    scale: int,
    multiple: int = 1,
    blend: bool = False,
    area: Area | None = None,
) -> TileGrid:
    """Lay windows of one shape evenly over a picture.

    Windows at the border shift inside, so none leaves the picture; a window larger than the picture shrinks
    to it.

    Args:
        size: of the picture; both sides multiples of ``multiple``.
        window: the shape of every window.
        overlap: pixels at a cut edge that the window does not own.
        scale: output pixels per input pixel.
        multiple: windows start at multiples of this, and their sides are multiples of it.
        blend: cross-fade neighbouring windows around their common edge instead of cutting there.
        area: what the windows have to own; the whole picture by default.

    Raises:
        UsageError: the window is too small for the overlap, or no multiple of ``multiple``.
    """
    area = area or Area(0, size.height, 0, size.width)
    window = Size(min(window.height, size.height), min(window.width, size.width))
    rows = _plan_axis(size.height, window.height, overlap, multiple, (area.top, area.bottom), blend)
    columns = _plan_axis(size.width, window.width, overlap, multiple, (area.left, area.right), blend)
    return TileGrid(area, window, scale, rows, columns)


def _plan_axis(
    length: int, window: int, overlap: int, multiple: int, own: tuple[int, int], blend: bool
) -> tuple[Span, ...]:
    """The spans of windows along an axis of ``length`` pixels that own the pixels ``own`` (start, stop)."""
    if window % multiple or length % multiple:
        raise UsageError(f"a window of {window} is no multiple of {multiple}, as the generator needs")
    starts = _starts(length, window, overlap, multiple, own)
    # The middle of what two neighbours share is as far as possible from the cut edges of both.
    cuts = [(left + right + window) // 2 for left, right in pairwise(starts)]
    edges = [own[0], *cuts, own[1]]
    fades = [0, *(_fade(edges, index, overlap) if blend else 0 for index in range(1, len(starts))), 0]
    return tuple(
        Span(start, start + window, edges[index], edges[index + 1], fades[index], fades[index + 1])
        for index, start in enumerate(starts)
    )


def _starts(length: int, window: int, overlap: int, multiple: int, own: tuple[int, int]) -> list[int]:
    """Evenly spread window starts, each a multiple of ``multiple``, in pixels."""
    reach = -(-overlap // multiple)
    first = max(0, own[0] - overlap) // multiple
    last = -(-min(length, own[1] + overlap) // multiple)
    steps = window // multiple
    if last - first <= steps:
        return [min(first, length // multiple - steps) * multiple]
    if steps <= 2 * reach:
        raise UsageError(
            f"a tile of {window} is too small for an overlap of {overlap} on each side",
            hint=f"--tile {(2 * reach + 1) * multiple} or larger, or a smaller --overlap",
        )
    count = -(-(last - first - 2 * reach) // (steps - 2 * reach))
    room = last - first - steps
    return [(first + room * index // (count - 1)) * multiple for index in range(count)]


def _fade(edges: list[int], index: int, overlap: int) -> int:
    """Half the length of the cross-fade at a cut.

    It reaches a quarter of the overlap to each side, so that the outer three quarters, which lack the most
    context, stay dropped. Neighbouring cross-fades stay apart: at most two windows meet along an axis, and
    their two weights add up to one.
    """
    return min(overlap // 4, (edges[index] - edges[index - 1]) // 2, (edges[index + 1] - edges[index]) // 2)
