"""Runs a picture of any size through a generator, window by window, from top to bottom."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from srcli.core.arrays import to_batch
from srcli.core.errors import OutOfMemory, UsageError
from srcli.core.events import Progress, silent
from srcli.core.geometry import Size, round_up
from srcli.core.rows import Rows, SlidingRows, rows_of, whole
from srcli.engine.tiling.blend import FLOATS, Canvas
from srcli.engine.tiling.checked import CheckedResults
from srcli.engine.tiling.elsewhere import RowOfWindows, TilingPlan
from srcli.engine.tiling.pad import pad_rows
from srcli.engine.tiling.planner import SMALLEST_WINDOW
from srcli.engine.tiling.tiles import Area, TileGrid, Window, plan_grid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from srcli.core.arrays import Batch, Planes
    from srcli.core.pixel_format import PixelFormat
    from srcli.core.rows import Band
    from srcli.engine.inference.traits import Traits
    from srcli.engine.sessions.session import Session
    from srcli.engine.tiling.elsewhere import Elsewhere
    from srcli.engine.tiling.ensemble import Ensemble

SMALLEST_OWN = 16
"""A window that keeps fewer pixels along a side than this is not worth running."""


@dataclass(frozen=True, slots=True)
class TiledReport:
    """How a tiled run went.

    Attributes:
        window: the shape of the windows at the end.
        tiles: number of windows that the picture was planned to take.
        halvings: how often the window was halved because memory ran out.
        redone_tiles: windows that came out as garbage and were computed again in full precision.
        precision: of the generator's file.
        warnings: what a person should know, in sentences.
    """

    window: Size
    tiles: int
    halvings: int
    redone_tiles: int
    precision: str
    warnings: tuple[str, ...]


def run_tiled(
    planes: Planes,
    session: Session,
    *,
    window: Size,
    overlap: int,
    explicit: bool,
    progress: Progress = silent,
    fallback: Callable[[], Session] | None = None,
) -> tuple[Planes, TiledReport]:
    """Enlarge a picture that is in memory; see :class:`TiledRun` for the rest.

    Args:
        planes: (H, W, 3) float32, RGB, 0..1.
        session: the generator.
        window: the shape of the windows.
        overlap: input pixels that are dropped at each cut edge of a window.
        explicit: whether a person chose the window.
        progress: told after every window.
        fallback: opens a full-precision session.

    Returns:
        (sH, sW, 3) float32, RGB, clipped to 0..1, and how it went.
    """
    run = TiledRun(
        rows_of(planes),
        session,
        window=window,
        overlap=overlap,
        explicit=explicit,
        progress=progress,
        fallback=fallback,
    )
    return whole(run.rows), run.report()


class TiledRun:
    """A picture on its way through a generator, one row of windows at a time.

    With an overlap of at least the receptive field of an exact generator, windows are cropped and pasted, and
    the result is that of the whole picture. Otherwise neighbouring windows cross-fade around their common
    edge.

    Args:
        source: the picture, in bands (any height, W, 3) float32, RGB, 0..1.
        session: the generator.
        window: the shape of the windows, in input pixels; rounded up to what the generator takes unless
            explicit. It shrinks when memory runs out.
        overlap: input pixels that are dropped at each cut edge of a window.
        explicit: whether a person chose the window; then it is never changed.
        progress: told after every window.
        fallback: opens a full-precision session on the CPU, for windows that come out as NaN, infinity or one
            flat colour; opened at most once.
        pixels: what finished pixels are to be. Where no windows fade, they are converted before they are
            pasted.
        shrunk: told of the smaller window when memory has run out.
        ensemble: the orientations in which each window goes through; as it is by default.
        elsewhere: computes rows of windows instead of the session, which then only tells what it takes.

    Attributes:
        rows: the result, in bands (any height, sW, channels) in ``pixels``. Reading it raises
            ``OutOfMemory`` when memory does not suffice at the smallest window, or at the explicit one, and
            ``UnsuitableModel`` when the generator's output is no picture even in full precision.
        tiles: number of windows that the picture is planned to take.
        window: the shape of the windows now.

    Raises:
        UsageError: the explicit window does not suit the generator or the overlap.
    """

    def __init__(
        self,
        source: Rows,
        session: Session,
        *,
        window: Size,
        overlap: int,
        explicit: bool,
        progress: Progress = silent,
        fallback: Callable[[], Session] | None = None,
        pixels: PixelFormat[Planes] = FLOATS,
        shrunk: Callable[[Size], None] | None = None,
        ensemble: Ensemble | None = None,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        traits = session.traits
        self._ensemble = ensemble if ensemble and ensemble.size > 1 else None
        if self._ensemble:
            self._ensemble.check(traits)
        self._source = pad_rows(source, _padded(source.size, traits))
        self._session = session
        self._overlap = overlap
        self._explicit = explicit
        self._progress = progress
        self._sound = CheckedResults(session, fallback)
        self._pixels = pixels
        self._shrunk = shrunk
        self._elsewhere = elsewhere
        self._halvings = 0
        self._redone = 0
        self._notes: list[str] = []
        self._precision = session.precision
        self.window = _usable(window, traits, explicit)
        size = self._source.size
        self._grid = self._plan(Area(0, size.height, 0, size.width))
        self.window = self._grid.window
        self.tiles = len(self._grid)
        if traits.whole and self.tiles > 1:
            self._notes.append(
                f"the generator looks at a picture as a whole, and sees it in {self.tiles} tiles: colours "
                "and contrast may differ from tile to tile"
            )
        self._in_levels = (
            pixels.rounds_to_uint8
            and self._ensemble is None
            and session.gives_levels
            and not self._grid.fades
        )
        self.rows = Rows(source.size.scaled(traits.scale), self._read)

    def report(self) -> TiledReport:
        """How it went."""
        notes = (*self._session.notes, *self._notes)
        faults = self._sound.faults
        if faults:
            kinds = ", ".join(sorted(set(faults)))
            notes += (
                f"{len(faults)} of {self.tiles} tiles came out as garbage ({kinds}) and were computed "
                "again in full precision on the CPU",
            )
        redone = self._redone + len(faults)
        return TiledReport(
            self.window, self.tiles, self._halvings, redone, self._precision, tuple(dict.fromkeys(notes))
        )

    def patches_of(self, part: RowOfWindows) -> tuple[Band, ...]:
        """What the windows of a row contribute, where the picture itself is elsewhere."""
        seen = SlidingRows(iter((part.pixels,)), part.top)
        return tuple(self._patches(self._places(part.index), seen))

    def _read(self, start: int) -> Iterator[Band]:
        """The result from a row on, as the rows of windows finish it."""
        grid, size = self._grid, self.rows.size
        first = next(index for index, row in enumerate(grid.rows) if row.area_stop * grid.scale > start)
        above = grid.rows[first].area_start * grid.scale
        for band in self._bands(first):
            # What the picture was padded with is cut off again, and what stands above the start.
            part = band[max(0, start - above) : max(0, size.height - above), : size.width]
            above += len(band)
            if len(part):
                yield self._pixels.convert(part) if grid.fades else part
            # Not held while the next row of windows is computed.
            del band, part

    def _bands(self, first: int) -> Iterator[Band]:
        """What each row of windows from the first on completes, padding and all."""
        grid = self._grid
        canvas: Canvas | None = None
        for index, patches in enumerate(self._rows_of_patches(first), start=first):
            row, places = grid.rows[index], self._places(index)
            area = Area(row.area_start, row.area_stop, 0, self._source.size.width)
            canvas = Canvas(area, grid.scale, fades=grid.fades, before=canvas)
            for number, patch in enumerate(patches, start=1):
                canvas.paste(patch, places[number - 1], FLOATS if grid.fades else self._pixels)
                self._progress(index * len(grid.columns) + number, self.tiles)
            below = grid.rows[index + 1].area_start if index + 1 < len(grid.rows) else row.area_stop
            yield canvas.down_to(below)

    def _rows_of_patches(self, first: int) -> Iterator[Iterable[Band]]:
        """What the windows of each row from the first on contribute."""
        seen = SlidingRows(self._source.read(self._highest(first)), self._highest(first))
        if self._elsewhere is not None:
            for result in self._elsewhere(self._tiling_plan(), self._parts(first, seen)):
                self._take_over(result.report)
                yield result.patches
            return
        for index in range(first, len(self._grid.rows)):
            seen.drop(self._highest(index))
            yield self._patches(self._places(index), seen)

    def _places(self, index: int) -> list[Window]:
        return [Window(self._grid.rows[index], column) for column in self._grid.columns]

    def _tiling_plan(self) -> TilingPlan:
        return TilingPlan(
            self._source.size,
            self._grid.window,
            self._overlap,
            self._explicit,
            self._pixels.rounds_to_uint8,
            self._ensemble,
        )

    def _parts(self, first: int, seen: SlidingRows) -> Iterator[RowOfWindows]:
        """The input of each row of windows from the first on, on its way elsewhere."""
        for index in range(first, len(self._grid.rows)):
            top = self._highest(index)
            seen.drop(top)
            # A copy, since a view would hold the bands that it lies in.
            yield RowOfWindows(index, top, seen.rows(top, self._lowest(index)).copy())

    def _take_over(self, report: TiledReport) -> None:
        """Note how a row went elsewhere."""
        self.window = Size(*map(min, self.window, report.window))
        self._halvings += report.halvings
        self._redone += report.redone_tiles
        self._precision = report.precision
        self._notes.extend(report.warnings)

    def _highest(self, index: int) -> int:
        """The highest input row that a row of windows may look at, halved ones included."""
        row, multiple = self._grid.rows[index], self._session.traits.multiple
        return max(0, min(row.start, row.area_start - self._overlap - multiple))

    def _lowest(self, index: int) -> int:
        """The input row below the last one that a row of windows may look at, halved ones included."""
        row, multiple = self._grid.rows[index], self._session.traits.multiple
        return min(self._source.size.height, max(row.stop, row.area_stop + self._overlap + multiple))

    def _plan(self, area: Area) -> TileGrid:
        """Windows of the current shape that own an area of the picture."""
        traits = self._session.traits
        field = traits.receptive_field
        exact = traits.exact and field is not None and self._overlap >= field
        return plan_grid(
            self._source.size,
            window=self.window,
            overlap=self._overlap,
            scale=traits.scale,
            multiple=1 if traits.fixed_size else traits.multiple,
            blend=not exact,
            area=area,
        )

    def _patches(self, places: Sequence[Window], seen: SlidingRows) -> Iterator[Band]:
        """What windows contribute, in order: (scale * height, scale * width, 3) unclipped float32, or levels.

        The session may run them together. From the one on where memory runs out, they come in parts.
        """
        done = 0
        if all(self._fits(place) for place in places):
            try:
                for result in self._run(self._cut(places, seen)):
                    yield _crop(result, places[done], self._session.traits.scale)
                    done += 1
            except OutOfMemory as error:
                self._shrink(places[done].size, error)
        for place in places[done:]:
            yield self._patch_in_parts(place, seen)

    def _run(self, windows: Iterator[Batch]) -> Iterator[Band]:
        """What the generator makes of windows, in order."""
        run = partial(self._sound.run, in_levels=self._in_levels)
        return self._ensemble.run(windows, run) if self._ensemble else run(windows)

    def _fits(self, place: Window) -> bool:
        """Whether a window is no larger than memory allows now."""
        return place.size.height <= self.window.height and place.size.width <= self.window.width

    def _patch_in_parts(self, place: Window, seen: SlidingRows) -> Band:
        """What a window contributes, computed by windows of the shape that memory allows now."""
        grid = self._plan(place.area)
        canvas = Canvas(place.area, grid.scale, fades=grid.fades)
        for part in grid.windows():
            for patch in self._patches([part], seen):
                # Levels and what had to be computed again in full precision come together as levels.
                canvas.paste(patch, part, self._pixels if self._in_levels else FLOATS)
        return canvas.down_to(place.area.bottom)

    def _cut(self, places: Sequence[Window], seen: SlidingRows) -> Iterator[Batch]:
        """The input of windows, each when it is asked for."""
        for place in places:
            part = seen.rows(place.row.start, place.row.stop)[:, place.column.start : place.column.stop]
            yield to_batch(part)

    def _shrink(self, failed: Size, error: OutOfMemory) -> None:
        """Halve the window for this and all later windows."""
        if self._explicit or self._session.traits.fixed_size:
            raise OutOfMemory(
                f"not enough memory for a tile of {failed}",
                hint="a smaller --tile, or none: srcli then finds one",
            ) from error
        smaller = Size(*(self._halved(side) for side in failed))
        if smaller == failed:
            raise OutOfMemory(
                f"not enough memory even for a tile of {failed}", hint="--model fast, or a smaller --overlap"
            ) from error
        self._notes.append(f"not enough memory for tiles of {failed}: went on with {smaller}")
        self.window = smaller
        if self._shrunk is not None:
            self._shrunk(smaller)
        self._halvings += 1

    def _halved(self, side: int) -> int:
        """Half a side, no shorter than what still keeps pixels after the overlap is dropped."""
        multiple = self._session.traits.multiple
        least = round_up(max(SMALLEST_WINDOW, 2 * self._overlap + SMALLEST_OWN), multiple)
        return min(side, max(least, round_up(side // 2, multiple)))


def _padded(size: Size, traits: Traits) -> Size:
    """The size to which a picture is mirrored at the bottom and the right, so that the generator takes it."""
    least = traits.fixed_size or Size(traits.minimum, traits.minimum)
    multiple = 1 if traits.fixed_size else traits.multiple
    return Size(
        *(round_up(max(side, shortest), multiple) for side, shortest in zip(size, least, strict=True))
    )


def _usable(window: Size, traits: Traits, explicit: bool) -> Size:
    """The window in sides that the generator takes."""
    if traits.fixed_size is not None:
        usable = traits.fixed_size
    else:
        usable = Size(*(round_up(max(side, traits.minimum), traits.multiple) for side in window))
    if explicit and usable != window:
        raise UsageError(f"a tile of {window} does not suit the generator, which needs {usable} or the like")
    return usable


def _crop(result: Band, place: Window, scale: int) -> Band:
    """The part of a window's output that counts: a view."""
    area = place.area
    rows = slice((area.top - place.row.start) * scale, (area.bottom - place.row.start) * scale)
    columns = slice((area.left - place.column.start) * scale, (area.right - place.column.start) * scale)
    return result[rows, columns]
