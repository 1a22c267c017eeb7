"""How visible the borders of tiles are: results in tiles against those of a larger window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.arrays import to_batch
from srcli.core.geometry import Size
from srcli.core.rows import SlidingRows, rows_of, whole
from srcli.engine.probing.receptive_field import CHEAP
from srcli.engine.probing.trial_picture import draw_picture
from srcli.engine.tiling.planner import MEMORY_SHARE, available_memory
from srcli.engine.tiling.tiled import TiledRun, run_tiled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from srcli.core.arrays import Planes
    from srcli.core.rows import Rows
    from srcli.engine.inference.traits import Traits
    from srcli.engine.sessions.session import Session
    from srcli.upscaling.generator import Generator

LEVELS = 255
OWN_SIDE = 32
"""How many pixels a tile of the seam test keeps along a side."""
STRIP_OWN_SIDE, STRIP_SIDE = 8, 24
"""Those that a tile of a strip keeps along its length, and how high a strip is."""
LEAST_LARGER = 384
"""The shortest side of the larger window, in input pixels, where the picture has as many."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The largest and the mean difference in levels of 1/255, and the share of values within one level."""

    levels: float
    share: float
    mean: float


@dataclass(frozen=True, slots=True)
class Seams:
    """Seams of one picture; ``places`` is how many parts of it were looked at, 0 where one tile holds it."""

    largest_levels: float = 0.0
    mean_levels: float = 0.0
    places: int = 0


def difference_of(values: npt.NDArray[np.float32]) -> Difference:
    """Sum up differences, 0..1, of any shape."""
    levels = np.abs(values) * LEVELS
    return Difference(
        float(levels.max()), float((levels <= 1.0).mean()), float(levels.mean(dtype=np.float64))
    )


def measure_seams(session: Session, overlap: int) -> Difference | None:
    """How far a drawn picture in tiles is from the picture as a whole; None where it can't be run as a whole.

    The picture is as long as two windows that overlap no more than they have to, and a little shorter the
    other way; where that costs too much, it is a strip no higher than one window.

    Args:
        session: the generator.
        overlap: of its tiles, in input pixels.
    """
    traits = session.traits
    if traits.fixed_size is not None:
        return None
    long = odd_multiple(2 * overlap + OWN_SIDE, traits)
    size = Size(*(odd_multiple(long + extra, traits) for extra in (OWN_SIDE - 1, OWN_SIDE - 4)))
    window = Size(long, long)
    if traits.parameters * size.pixels > CHEAP:
        long = odd_multiple(2 * overlap + STRIP_OWN_SIDE, traits)
        window = Size(odd_multiple(STRIP_SIDE, traits), long)
        size = Size(window.height, odd_multiple(long + STRIP_OWN_SIDE - 4, traits))
    picture = draw_picture(size)
    tiled, _ = run_tiled(picture, session, window=window, overlap=overlap, explicit=False)
    return difference_of(tiled - run_whole(session, picture))


def run_whole(session: Session, picture: Planes) -> Planes:
    """A picture in one piece, clipped: (H, W, 3) float32, 0..1, in a size that the generator takes."""
    result: Planes = np.clip(session.run(to_batch(picture))[0].transpose(1, 2, 0), 0, 1)
    return result


def odd_multiple(side: int, traits: Traits) -> int:
    """The next side at or above one that is an odd multiple of what a generator needs."""
    return (-(-max(side, traits.minimum) // traits.multiple) | 1) * traits.multiple


def seams_in(planes: Rows, generators: Sequence[Generator]) -> Seams | None:
    """Compare parts of a picture in the tiles of its run with the same parts in one window.

    Args:
        planes: bands (any height, W, 3) float32, RGB, 0..1.
        generators: run one after the other.

    Returns:
        The seams; None where a generator or the memory takes no larger window.
    """
    differences = []
    for place in _places(planes, generators):
        part = place
        for generator in generators:
            if not _takes(generator, Size(*part.shape[:2])):
                return None
            window = generator.window_for(planes.size.scaled(part.shape[1] // place.shape[1]))
            tiled, _ = _run(part, generator, window)
            part, at_once = _run(part, generator, Size(*part.shape[:2]))
            if not at_once:
                return None
            differences.append((tiled - part).ravel())
    if not differences:
        return Seams()
    found = difference_of(np.concatenate(differences))
    return Seams(round(found.levels, 3), round(found.mean, 4), len(differences) // len(generators))


def _takes(generator: Generator, size: Size) -> bool:
    traits = generator.session.traits
    needed = size.pixels * traits.bytes_per_pixel
    return traits.fixed_size is None and needed <= available_memory(generator.device) * MEMORY_SHARE


def _run(part: Planes, generator: Generator, window: Size) -> tuple[Planes, bool]:
    """A part of a picture in windows of a shape, and whether memory sufficed for that shape."""
    run = TiledRun(
        rows_of(part),
        generator.session,
        window=window,
        overlap=generator.overlap,
        explicit=False,
        ensemble=generator.options.ensemble,
    )
    return whole(run.rows), not run.report().halvings


def _places(planes: Rows, generators: Sequence[Generator]) -> Iterator[Planes]:
    """Up to three parts of the picture, from its first corner to its last, that take several tiles."""
    size = planes.size
    if not generators or (window := generators[0].window_for(size)) == size:
        return
    part = Size(
        *(min(side, max(tile + tile // 2, LEAST_LARGER)) for side, tile in zip(size, window, strict=True))
    )
    left_over = Size(size.height - part.height, size.width - part.width)
    corners = dict.fromkeys((left_over.height * step // 2, left_over.width * step // 2) for step in range(3))
    for top, left in corners:
        rows = SlidingRows(planes.read(top), top).rows(top, top + part.height)
        yield np.ascontiguousarray(rows[:, left : left + part.width])
