"""One picture larger: colour through the generators, alpha likewise, then the exact size that was asked for.

All of it works on rows as they pass, so that a picture's height costs no memory. Two things need the whole
picture: filling the colour under transparent pixels, and textures whose edges continue one another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.events import Progress, silent
from srcli.core.geometry import Size
from srcli.core.pixel_format import PixelFormat
from srcli.core.rows import Rows, abreast, rows_of, whole
from srcli.engine.tiling.blend import FLOATS
from srcli.imaging.colour.planes import join_passes, pass_count, take_pass
from srcli.imaging.picture import Frame
from srcli.imaging.pixels.alpha import bleed
from srcli.imaging.pixels.resize import resize_rows
from srcli.upscaling.chain import links, reached

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from srcli.core.arrays import Planes
    from srcli.core.rows import Band
    from srcli.engine.tiling.tiled import TiledReport
    from srcli.upscaling.enlarger import Enlarger, Run

GENERATED = 3
"""Channels that a generator sees."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is done to each frame.

    Attributes:
        generators: run one after the other; none where an interpolation does all the work.
        resize_method: the interpolation that takes the last step to the exact size.
        strength: share of the generators in the result, 0..1; the rest is bicubic.
        seamless: whether the left edge continues the right one, and the top the bottom.
    """

    generators: tuple[Enlarger, ...]
    resize_method: str = "bicubic"
    strength: float = 1.0
    seamless: bool = False


@dataclass(frozen=True, slots=True)
class FrameRows:
    """A frame that is read from top to bottom.

    Attributes:
        colour: (any height, width, 1, 3 or 4) float32, 0..1.
        channels: of the colour.
        alpha: (any height, width, 1) float32, 0..1, straight; None where there is none.
    """

    colour: Rows
    channels: int
    alpha: Rows | None


def rows_of_frame(frame: Frame) -> FrameRows:
    """A frame that is in memory."""
    alpha = None if frame.alpha is None else rows_of(frame.alpha[:, :, None])
    return FrameRows(rows_of(frame.colour), frame.colour.shape[2], alpha)


def upscale_frame(
    frame: Frame, size: Size, recipe: Recipe, progress: Progress = silent
) -> tuple[Frame, list[TiledReport]]:
    """Enlarge one frame that is in memory.

    Args:
        frame: the frame, straight alpha.
        size: the exact output size.
        recipe: what to do.
        progress: told of each tile of all passes.

    Returns:
        The larger frame, values in 0..1, and a report for each pass of a generator.
    """
    work = Enlargement(rows_of_frame(frame), size, recipe, PixelFormat(stack), progress)
    larger = unstack(whole(work.rows), has_alpha=frame.alpha is not None)
    return replace(larger, duration_ms=frame.duration_ms), work.reports()


class Enlargement:
    """A frame on its way to its new size.

    Args:
        frame: straight alpha. Its alpha, if any, is read once to see whether it says anything. Grey becomes
            RGB where a generator gives colour.
        size: the exact output size.
        recipe: what to do.
        pixels: what finished pixels are to be. Windows of a generator are converted at once where nothing
            else comes after.
        progress: told of each tile of all passes.

    Attributes:
        rows: the result in ``pixels``.
        source: the frame as generators see it: with colours under transparent pixels filled.
    """

    def __init__(
        self,
        frame: FrameRows,
        size: Size,
        recipe: Recipe,
        pixels: PixelFormat[Frame],
        progress: Progress = silent,
    ) -> None:
        self._size = size
        self._recipe = recipe
        self._tally = _Tally(progress)
        self._runs: list[Run] = []
        self._pixels = pixels
        if frame.channels == 1 and any(generator.card.colours for generator in recipe.generators):
            frame = replace(frame, colour=frame.colour.map(take_pass(1, 0)), channels=GENERATED)
        self.source = frame
        self.rows = self._enlarge_frame(frame)

    def reports(self) -> list[TiledReport]:
        """How each pass of a generator went, once the rows were read."""
        return [run.report() for run in self._runs]

    def _enlarge_frame(self, frame: FrameRows) -> Rows:
        colour, alpha, constant = frame.colour, frame.alpha, None
        if alpha is not None:
            lowest, highest = _extent(alpha)
            if lowest == 0.0 < highest:
                colour = _bled(colour, alpha)
                self.source = replace(frame, colour=colour)
            constant = lowest if lowest == highest else None
        passes = [colour.map(take_pass(frame.channels, index)) for index in range(pass_count(frame.channels))]
        if alpha is None and len(passes) == 1:
            return self._enlarge(passes[0], self._joined(frame.channels))
        results = [self._enlarge(planes) for planes in passes]
        if alpha is not None:
            results.append(
                _constant(self._size, constant) if constant is not None else self._enlarge_alpha(alpha)
            )
        together = abreast(results[0].thin(), *results[1:])
        return Rows(
            self._size,
            lambda start: (self._join(bands, frame.channels, alpha is not None) for bands in together(start)),
        )

    def _join(self, bands: Sequence[Planes], channels: int, has_alpha: bool = False) -> Band:
        """Finished pixels from what the passes gave."""
        alpha = join_passes(tuple(bands[-1:]), 1)[:, :, 0] if has_alpha else None
        colour = join_passes(tuple(bands[:-1] if has_alpha else bands), channels)
        return self._pixels.convert(Frame(colour, alpha))

    def _joined(self, channels: int) -> PixelFormat[Planes]:
        """Finished pixels of a frame whose only pass has all that there is."""
        return PixelFormat(
            lambda band: self._join([band], channels),
            self._pixels.pixel_bytes,
            self._pixels.rounds_to_uint8 and channels == GENERATED,
        )

    def _enlarge_alpha(self, alpha: Rows) -> Rows:
        """Alpha at the size wanted: what repairs colours, at its size, has no say in it."""
        enlarging = tuple(each for each in self._recipe.generators if each.scale > 1)
        return self._enlarge(alpha.map(take_pass(1, 0)), recipe=replace(self._recipe, generators=enlarging))

    def _enlarge(
        self, planes: Rows, pixels: PixelFormat[Planes] = FLOATS, recipe: Recipe | None = None
    ) -> Rows:
        """One pass: (any height, width, 3) float32 to the size wanted, 0..1, and finished."""
        recipe = recipe or self._recipe
        generated = bool(recipe.generators) and recipe.strength > 0.0
        if generated and recipe.strength == 1.0 and reached(recipe.generators, planes.size) == self._size:
            return self._generate(planes, recipe.generators, pixels)
        result = self._generate(planes, recipe.generators) if generated else planes
        if result.size != self._size:
            result = resize_rows(result, self._size, GENERATED, method=recipe.resize_method)
        if generated and recipe.strength < 1.0:
            result = self._blend(result, resize_rows(planes, self._size, GENERATED))
        return result.thin().map(lambda band: pixels.convert(np.clip(band, 0.0, 1.0)))

    def _blend(self, generated: Rows, smooth: Rows) -> Rows:
        share = np.float32(self._recipe.strength)
        rest = np.float32(1.0 - self._recipe.strength)
        together = abreast(generated.thin(), smooth)
        return Rows(
            self._size, lambda start: (ours * share + rest * plain for ours, plain in together(start))
        )

    def _generate(
        self, planes: Rows, generators: Sequence[Enlarger], pixels: PixelFormat[Planes] = FLOATS
    ) -> Rows:
        source = planes
        for link in links(generators, planes.size):
            generator = link.generator
            rim = generator.card.rim if self._recipe.seamless else 0
            run = generator.start(
                _wrapped(planes, rim),
                self._tally.part(),
                pixels=pixels if link.last else FLOATS,
                source=source,
            )
            self._tally.add(run.tiles)
            self._runs.append(run)
            planes = _cropped(run.rows, rim * generator.scale)
        return planes


class _Tally:
    """Adds up the tiles of several passes, which take turns."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._total = 0
        self._done: dict[int, int] = {}

    def add(self, tiles: int) -> None:
        """Count the tiles of a pass that is to come."""
        self._total += tiles

    def part(self) -> Progress:
        """What one pass tells of its tiles."""
        number = len(self._done)
        self._done[number] = 0

        def progress(done: int, total: int) -> None:
            self._done[number] = done
            self._progress(sum(self._done.values()), self._total)

        return progress


def stack(frame: Frame) -> Planes:
    """Colour and alpha in one array, (height, width, colours and alpha)."""
    if frame.alpha is None:
        return frame.colour
    return np.concatenate((frame.colour, frame.alpha[:, :, None]), axis=2)


def unstack(planes: Planes, *, has_alpha: bool) -> Frame:
    """What ``stack`` put into one array."""
    return Frame(planes[:, :, :-1], planes[:, :, -1]) if has_alpha else Frame(planes, None)


def _extent(rows: Rows) -> tuple[float, float]:
    """The lowest and the highest value."""
    extents = [(float(band.min()), float(band.max())) for band in rows.read(0)]
    return min(low for low, _ in extents), max(high for _, high in extents)


def _bled(colour: Rows, alpha: Rows) -> Rows:
    def read(start: int) -> Iterator[Band]:
        yield bleed(whole(colour), whole(alpha)[:, :, 0])[start:]

    return Rows(colour.size, read)


def _constant(size: Size, value: float) -> Rows:
    """A plane of one value, without its memory."""
    return rows_of(np.broadcast_to(np.float32(value), (*size, 1)))


def _wrapped(planes: Rows, rim: int) -> Rows:
    if not rim:
        return planes
    padded = Size(planes.size.height + 2 * rim, planes.size.width + 2 * rim)

    def read(start: int) -> Iterator[Band]:
        yield np.pad(whole(planes), ((rim, rim), (rim, rim), (0, 0)), mode="wrap")[start:]

    return Rows(padded, read)


def _cropped(planes: Rows, rim: int) -> Rows:
    if not rim:
        return planes
    size = Size(planes.size.height - 2 * rim, planes.size.width - 2 * rim)

    def read(start: int) -> Iterator[Band]:
        top = start
        for band in planes.read(start + rim):
            part = band[: size.height - top, rim:-rim]
            top += len(band)
            if len(part):
                yield part

    return Rows(size, read)
