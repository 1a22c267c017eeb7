"""Runs a picture of any size through a generator, window by window."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.errors import OutOfMemory, UnsuitableModel, UsageError
from srcli.core.geometry import Size
from srcli.core.progress import Progress, silent
from srcli.engine.blend import paste
from srcli.engine.health import fault
from srcli.engine.planner import SMALLEST_WINDOW
from srcli.engine.tiles import Area, TileGrid, Window, plan_grid

if TYPE_CHECKING:
    from collections.abc import Callable

    from srcli.core.arrays import Batch, Planes
    from srcli.engine.session import Session
    from srcli.engine.traits import Traits

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
    """Enlarge a picture.

    With an overlap of at least the receptive field of an exact generator, windows are cropped and pasted, and
    the result is that of the whole picture. Otherwise neighbouring windows cross-fade around their common
    edge.

    Args:
        planes: (H, W, 3) float32, RGB, 0..1.
        session: the generator.
        window: the shape of the windows, in input pixels; rounded up to what the generator takes unless
            explicit.
        overlap: input pixels that are dropped at each cut edge of a window.
        explicit: whether a person chose the window; then it is never changed.
        progress: told after every window.
        fallback: opens a full-precision session on the CPU, for windows that come out as NaN, infinity or one
            flat colour; opened at most once.

    Returns:
        (sH, sW, 3) float32, RGB, clipped to 0..1, and how it went.

    Raises:
        OutOfMemory: memory does not suffice at the smallest window, or at the explicit one.
        UnsuitableModel: the generator's output is no picture even in full precision.
        UsageError: the explicit window does not suit the generator or the overlap.
    """
    traits = session.traits
    padded = _pad(planes, traits)
    run = _Run(padded, session, overlap, explicit, fallback, window=_usable(window, traits, explicit))
    grid = run.plan(Area(0, padded.shape[0], 0, padded.shape[1]))
    run.window = grid.window
    try:
        canvas = np.zeros((*Size(*padded.shape[:2]).scaled(traits.scale), 3), np.float32)
    except MemoryError as error:
        raise OutOfMemory(
            f"not enough memory for a result of {Size(*planes.shape[:2]).scaled(traits.scale)}"
        ) from error
    run.fill(grid, canvas, progress)
    result = canvas[: planes.shape[0] * traits.scale, : planes.shape[1] * traits.scale]
    return np.ascontiguousarray(result), run.report(len(grid))


@dataclass(slots=True)
class _Run:
    """One picture on its way through a generator; ``window`` shrinks when memory runs out."""

    planes: Planes
    session: Session
    overlap: int
    explicit: bool
    fallback: Callable[[], Session] | None
    window: Size
    halvings: int = 0
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    reference: Session | None = None

    def plan(self, area: Area) -> TileGrid:
        """Windows of the current shape that own an area of the picture."""
        traits = self.session.traits
        exact = traits.exact and traits.receptive_field is not None and self.overlap >= traits.receptive_field
        return plan_grid(
            Size(*self.planes.shape[:2]),
            window=self.window,
            overlap=self.overlap,
            scale=traits.scale,
            multiple=1 if traits.fixed_size else traits.multiple,
            blend=not exact,
            area=area,
        )

    def fill(self, grid: TileGrid, canvas: Planes, progress: Progress = silent) -> None:
        """Compute all windows of a grid onto the canvas of its area."""
        for done, place in enumerate(grid.windows(), start=1):
            paste(canvas, self._patch(place), place, grid.area, grid.scale)
            progress(done, len(grid))

    def report(self, tiles: int) -> TiledReport:
        """How it went."""
        if self.faults:
            kinds = ", ".join(sorted(set(self.faults)))
            self.notes.append(
                f"{len(self.faults)} of {tiles} tiles came out as garbage ({kinds}) and were computed again "
                "in full precision on the CPU"
            )
        return TiledReport(
            self.window, tiles, self.halvings, len(self.faults), self.session.precision, tuple(self.notes)
        )

    def _patch(self, place: Window) -> Planes:
        """What a window contributes: (scale * height, scale * width, 3) float32, clipped to 0..1."""
        if place.size.height > self.window.height or place.size.width > self.window.width:
            return self._patch_in_parts(place)
        try:
            return _crop(self._run_window(place), place, self.session.traits.scale)
        except OutOfMemory as error:
            self._shrink(place.size, error)
        return self._patch_in_parts(place)

    def _patch_in_parts(self, place: Window) -> Planes:
        """What a window contributes, computed by windows of the shape that memory allows now."""
        grid = self.plan(place.area)
        patch = np.zeros((*place.area.size.scaled(grid.scale), 3), np.float32)
        self.fill(grid, patch)
        return patch

    def _run_window(self, place: Window) -> Batch:
        """The generator's sound output for a window."""
        rows, columns = place.row, place.column
        seen = self.planes[rows.start : rows.stop, columns.start : columns.stop]
        batch = np.ascontiguousarray(seen.transpose(2, 0, 1))[np.newaxis]
        result = self.session.run(batch)
        wrong = fault(batch, result)
        return result if wrong is None else self._redo(batch, wrong)

    def _redo(self, batch: Batch, wrong: str) -> Batch:
        """Compute a window again in full precision on the CPU."""
        if self.reference is None and self.fallback is not None:
            self.reference = self.fallback()
        result = None if self.reference is None else self.reference.run(batch)
        still = wrong if result is None else fault(batch, result)
        if result is None or still is not None:
            raise UnsuitableModel(
                f"the generator gives no picture: its output is {still}", hint="srcli models verify"
            )
        self.faults.append(wrong)
        return result

    def _shrink(self, failed: Size, error: OutOfMemory) -> None:
        """Halve the window for this and all later windows."""
        if self.explicit or self.session.traits.fixed_size:
            raise OutOfMemory(
                f"not enough memory for a tile of {failed}",
                hint="a smaller --tile, or none: srcli then finds one",
            ) from error
        smaller = Size(*(self._halved(side) for side in failed))
        if smaller == failed:
            raise OutOfMemory(
                f"not enough memory even for a tile of {failed}", hint="--model fast, or a smaller --overlap"
            ) from error
        self.notes.append(f"not enough memory for tiles of {failed}: went on with {smaller}")
        self.window = smaller
        self.halvings += 1

    def _halved(self, side: int) -> int:
        """Half a side, no shorter than what still keeps pixels after the overlap is dropped."""
        multiple = self.session.traits.multiple
        least = _round_up(max(SMALLEST_WINDOW, 2 * self.overlap + SMALLEST_OWN), multiple)
        return min(side, max(least, _round_up(side // 2, multiple)))


def _pad(planes: Planes, traits: Traits) -> Planes:
    """Reflect a picture at the bottom and the right until the generator takes its size."""
    least = traits.fixed_size or Size(traits.minimum, traits.minimum)
    multiple = 1 if traits.fixed_size else traits.multiple
    height, width = (
        _round_up(max(side, shortest), multiple)
        for side, shortest in zip(planes.shape[:2], least, strict=True)
    )
    missing = (height - planes.shape[0], width - planes.shape[1])
    if not any(missing):
        return planes
    return np.pad(planes, ((0, missing[0]), (0, missing[1]), (0, 0)), mode="reflect")


def _usable(window: Size, traits: Traits, explicit: bool) -> Size:
    """The window in sides that the generator takes."""
    if traits.fixed_size is not None:
        usable = traits.fixed_size
    else:
        usable = Size(*(_round_up(max(side, traits.minimum), traits.multiple) for side in window))
    if explicit and usable != window:
        raise UsageError(f"a tile of {window} does not suit the generator, which needs {usable} or the like")
    return usable


def _crop(result: Batch, place: Window, scale: int) -> Planes:
    """The part of a window's output that counts, clipped, channels last."""
    area = place.area
    rows = slice((area.top - place.row.start) * scale, (area.bottom - place.row.start) * scale)
    columns = slice((area.left - place.column.start) * scale, (area.right - place.column.start) * scale)
    part = result[0, :, rows, columns]
    np.clip(part, 0.0, 1.0, out=part)
    return part.transpose(1, 2, 0)


def _round_up(value: int, multiple: int) -> int:
    """The next multiple at or above a value."""
    return -(-value // multiple) * multiple
