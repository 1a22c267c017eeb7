"""Measures how far the pixels of a generator's output look around: its receptive field."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from srcli.core.arrays import to_batch
from srcli.core.geometry import Size, round_up
from srcli.engine.inference.traits import FLOAT, Traits
from srcli.engine.probing.trial_picture import draw_picture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import numpy.typing as npt

    from srcli.core.arrays import Batch

Run: TypeAlias = "Callable[[Batch], Batch]"

SIDES = (48, 96, 144, 192)
MULTIPLICATIONS = 2e11
"""The most that one probe may cost: about two seconds on two cores."""
CHEAP = MULTIPLICATIONS / 10
"""Where a probe costs more than this, fewer pictures are tried, and no larger ones than are needed to find
out how much tiles have to overlap."""
SURE = 7 / 8
"""The share of the distances probed within which a change has to fade."""
UNSEEN = 1 / 255
"""A change that need not be kept away from a tile's own part."""
SHORT_BOUND = 64
"""A bound that a graph tells up to which measuring costs more than it saves, where it is not cheap."""
LIMIT_S = 60.0
"""No larger picture is tried once this processor time is spent: the clock would count other work as well."""
UPPER_LEFT, LOWER_RIGHT = BOTH = (1, -1)
DARK, BRIGHT = 0.02, 0.98
TOLERANCE, COARSE_TOLERANCE = 1e-4, 1.5 / 255
"""How much two windows may differ where both see all that matters; 8-bit and half-precision files round."""


@dataclass(frozen=True, slots=True)
class Influence:
    """How far a change is felt.

    Attributes:
        receptive_field: how many input pixels beyond its own an output pixel depends on, on each side;
            None where that is unbounded (global pooling) or farther than was probed.
        falloff: by distance from a cut, 1 first: the largest change there after all that lies behind the cut
            has changed from black to white or back, as far as was probed.
    """

    receptive_field: int | None
    falloff: tuple[float, ...]

    def overlap_within(self, tolerance: float) -> int | None:
        """The smallest overlap beyond which no change is larger than ``tolerance``; None where none is."""
        loud = [distance for distance, change in enumerate(self.falloff, start=1) if not change <= tolerance]
        distance = max(loud, default=0)
        return distance if distance < len(self.falloff) else None


def measure_receptive_field(run: Run, traits: Traits) -> int | None:
    """How many input pixels beyond its own an output pixel depends on, on each side.

    Influence below float precision is not seen, nor does it matter to the equality of tiles.

    Args:
        run: (N, 3, h, w) float32 0..1 to (N, 3, s*h, s*w).
        traits: size rules and scale of the generator.

    Returns:
        Input pixels, or None where it is unbounded (global pooling) or larger than could be probed.
    """
    influence = measure_influence(run, traits, MULTIPLICATIONS)
    return None if influence is None else influence.receptive_field


def measure_influence(
    run: Run,
    traits: Traits,
    multiplications: float,
    tell: Callable[[str], None] = lambda _: None,
    limit_s: float = LIMIT_S,
) -> Influence | None:
    """How far a generator looks around.

    Much of a picture is changed, and the change of the output elsewhere is measured; on larger and larger
    pictures, until the farthest change is well inside. Noise alone isn't enough: what a network does in flat
    places, or to shapes, reaches farther in some. Where that costs much, a bound that the graph tells is
    taken for measured.

    Args:
        run: (N, 3, h, w) float32 0..1 to (N, 3, s*h, s*w).
        traits: size rules and scale of the generator.
        multiplications: the most that one run may cost.
        tell: told of each picture's size.
        limit_s: the processor time after which no larger picture is tried, in seconds.

    Returns:
        What the last probe found, or None where even the smallest costs too much.
    """
    influence, start = None, time.process_time()
    for side in SIDES:
        size = traits.fixed_size or _square(side, traits)
        cost = traits.parameters * size.pixels
        late = influence is not None and time.process_time() - start > limit_s
        bounded = cost > CHEAP and traits.bound is not None and traits.bound <= SHORT_BOUND
        if cost > multiplications or late or bounded:
            break
        tell(f"looking how far changes are felt in {size}")
        # What takes one size only is attention over windows, mostly: it costs many times what it counts.
        cheap = cost <= CHEAP and traits.fixed_size is None
        influence = _influence_at(run, traits, size, cheap=cheap)
        fades = influence.overlap_within(UNSEEN)
        # What is felt almost to the end may be felt beyond it.
        enough = cost > CHEAP and fades is not None and fades <= SURE * len(influence.falloff)
        if influence.receptive_field is not None or enough or traits.fixed_size:
            break
    return _bounded(influence, traits.bound)


def _bounded(influence: Influence | None, bound: int | None) -> Influence | None:
    """What was measured, with the bound that a graph tells where no receptive field was found."""
    if bound is None or (influence is not None and influence.receptive_field is not None):
        return influence
    return Influence(bound, influence.falloff if influence else ())


def _influence_at(run: Run, traits: Traits, size: Size, *, cheap: bool) -> Influence:
    """How far a generator looks around in pictures of one size."""
    falloff = np.zeros(min(size) // 2, np.float32)
    for picture, corners in _pictures(size, cheap=cheap):
        falloff = np.maximum(falloff, _falloff_in(run, traits, picture, corners))
        if not (cheap or falloff[-1] <= UNSEEN):
            break  # felt to the end: only a larger picture tells more
    field = int(np.flatnonzero(falloff).max(initial=-1)) + 1
    inside = field < min(size) // 2 - traits.multiple
    return Influence(field if inside else None, tuple(falloff.tolist()))


def _pictures(size: Size, *, cheap: bool) -> Iterator[tuple[Batch, tuple[int, ...]]]:
    """What to measure on, each (1, 3, h, w), and the corners to keep: noise, and shapes and flat places.

    Where it is not cheap, one corner of each, so that all four directions are seen.
    """
    drawn = DARK + (BRIGHT - DARK) * to_batch(draw_picture(size))
    if cheap:
        yield from ((picture, BOTH) for picture in (_noise(size, 1), _noise(size, 2), drawn))
    else:
        yield from ((drawn, (LOWER_RIGHT,)), (_noise(size, 1), (UPPER_LEFT,)))


def _square(side: int, traits: Traits) -> Size:
    """A square of at least ``side`` pixels that the generator takes."""
    side = round_up(max(side, traits.minimum), traits.multiple)
    return Size(side, side)


def _falloff_in(run: Run, traits: Traits, picture: Batch, corners: Iterable[int]) -> npt.NDArray[np.float32]:
    """How much a change of everything behind two cuts is felt in front of them, by distance in input pixels.

    That is what tiles do to a generator; the change of a single pixel is felt less far. A quarter of the
    picture is kept; the upper left and the lower right one in turn show all four directions.
    """
    before = run(picture)
    rows, columns = picture.shape[2:]
    middle = [side // 2 // traits.multiple * traits.multiple for side in (rows, columns)]
    # Distances from the cuts: 1 for the first row or column in front of it, none behind it.
    down, right = (cut - np.arange(side) for cut, side in zip(middle, (rows, columns), strict=True))
    falloff = np.zeros(max(rows, columns), np.float32)
    for corner in corners:
        first, second = (distance if corner == UPPER_LEFT else 1 - distance for distance in (down, right))
        distances = np.minimum(first[:, np.newaxis], second)
        changed = np.where(distances > 0, picture, np.float32(1) - picture)
        change = np.abs(run(changed) - before).max(axis=(0, 1))
        felt = change.reshape(rows, traits.scale, columns, traits.scale).max(axis=(1, 3))
        with np.errstate(invalid="ignore"):  # what is no number is felt
            np.maximum.at(falloff, distances[distances > 0] - 1, felt[distances > 0])
    return falloff[: min(rows, columns) // 2]


def windows_agree(run: Run, traits: Traits, field: int) -> bool:
    """Whether two shifted windows of a noise picture give one result where both see ``field`` pixels around.

    Only then is a picture in tiles the picture as a whole.
    """
    size = traits.fixed_size or _square(2 * field + 8 * traits.multiple, traits)
    down, right = 3 * traits.multiple, traits.multiple
    noise = _noise(Size(size.height + down, size.width + right), 1)
    # What only one of the windows sees is as different as can be, so that a look at the whole shows.
    noise[:, :, :down], noise[:, :, size.height :] = DARK, BRIGHT
    first = run(noise[:, :, : size.height, : size.width])
    second = run(noise[:, :, down:, right:])
    top, left, scale = down + field, right + field, traits.scale
    bottom, end = size.height - field, size.width - field
    if top >= bottom or left >= end:
        return False
    inner = first[:, :, top * scale : bottom * scale, left * scale : end * scale]
    same = second[
        :, :, (top - down) * scale : (bottom - down) * scale, (left - right) * scale : (end - right) * scale
    ]
    plain = traits.input_type == traits.output_type == FLOAT
    return float(np.abs(inner - same).max()) <= (TOLERANCE if plain else COARSE_TOLERANCE)


def _noise(size: Size, seed: int) -> Batch:
    """Uniform noise, (1, 3, h, w) float32, 0..1."""
    return np.random.default_rng(seed).random((1, 3, *size), dtype=np.float32)
