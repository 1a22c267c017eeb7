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
Distances: TypeAlias = "npt.NDArray[np.signedinteger]"
"""How far each pixel, (h, w), lies from what changes; 0 or less where it changes itself."""

SIDES = (48, 96, 144, 192)
MULTIPLICATIONS = 2e11
"""The most that one probe may cost: about two seconds on two cores."""
CHEAP = MULTIPLICATIONS / 10
"""Where a probe of the second side costs more than this, strips of one length are tried instead."""
STRIP_LENGTH = 176
"""How long a strip is: what is felt farther than tiles should overlap need not be known."""
STRIP_SIDE = 24
"""How high a strip is: one shows as much as a square of its length, at a fraction of the work."""
STRIP_END = 24
"""How much of a strip changes at either end."""
UNSEEN = 1 / 255
"""A change that need not be kept away from a tile's own part."""
FAR, STEADY = 48, 0.25
"""What is felt over so many pixels, at the end by this share of the most: attention that wraps around the
rim, say. Convolutions fade by far more."""
SHORT_BOUND = 64
"""A bound that a graph tells up to which measuring costs more than it saves, where it is not cheap."""
LIMIT_S = 60.0
"""No larger picture is tried once this processor time is spent: the clock would count other work as well."""
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

    @property
    def felt_everywhere(self) -> bool:
        """Whether a change far away is about as loud as beside the cut; larger pictures won't change that."""
        if len(self.falloff) < FAR:
            return False
        end = max(self.falloff[-len(self.falloff) // 4 :])
        return end > UNSEEN and end >= STEADY * max(self.falloff)


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
    taken for measured, and the pictures are strips.

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
    cheap = traits.parameters * _square(SIDES[1], traits).pixels <= CHEAP
    if not cheap and traits.bound is not None and traits.bound <= SHORT_BOUND:
        return _bounded(None, traits.bound)
    for size in _sizes(traits, cheap=cheap):
        late = influence is not None and time.process_time() - start > limit_s
        if traits.parameters * size.pixels > multiplications or late:
            break
        tell(f"looking how far changes are felt in {size}")
        influence = _influence_at(run, traits, size, cheap=cheap)
        if influence.receptive_field is not None or influence.felt_everywhere:
            break
    return _bounded(influence, traits.bound)


def _sizes(traits: Traits, *, cheap: bool) -> tuple[Size, ...]:
    """Of the pictures to measure on, in turn."""
    if traits.fixed_size is not None:
        return (traits.fixed_size,)
    if cheap:
        # Global pooling makes itself felt everywhere, which larger pictures don't change.
        sides = SIDES[1:2] if traits.whole else SIDES
        return tuple(_square(side, traits) for side in sides)
    return (Size(_square(STRIP_SIDE, traits).height, _square(STRIP_LENGTH, traits).width),)


def _bounded(influence: Influence | None, bound: int | None) -> Influence | None:
    """What was measured, with the bound that a graph tells where no receptive field was found."""
    if bound is None or (influence is not None and influence.receptive_field is not None):
        return influence
    return Influence(bound, influence.falloff if influence else ())


def _influence_at(run: Run, traits: Traits, size: Size, *, cheap: bool) -> Influence:
    """How far a generator looks around in pictures of one size."""
    falloff = np.zeros(min(size) // 2, np.float32)
    if _in_strips(traits, cheap=cheap):
        falloff = np.zeros(_between_ends(size, traits.multiple).max(), np.float32)
    for picture, maps in _looks(traits, size, cheap=cheap):
        falloff = np.maximum(falloff, _falloff_in(run, traits, picture, maps)[: len(falloff)])
        if not (cheap or falloff[-1] <= UNSEEN):
            break  # felt to the end: another picture tells no more
    field = int(np.flatnonzero(falloff).max(initial=-1)) + 1
    inside = field < len(falloff) - traits.multiple
    return Influence(field if inside else None, tuple(falloff.tolist()))


def _looks(traits: Traits, size: Size, *, cheap: bool) -> Iterator[tuple[Batch, tuple[Distances, ...]]]:
    """What to measure on, each (1, 3, h, w), and maps of what changes: noise, and shapes and flat places.

    All four directions are seen. In squares, all that lies behind two cuts changes, and a quarter is kept:
    the upper left and the lower right one in turn; where that costs much, one of noise and one of shapes. In
    strips, both ends change, and only shapes are shown, which reach farther than noise in RRDB.
    """
    drawn = _drawn(size)
    if _in_strips(traits, cheap=cheap):
        between = _between_ends(size, traits.multiple)
        yield drawn, (between,)
        yield _drawn(Size(size.width, size.height)), (between.T,)
        return
    upper_left, lower_right = _corners(size, traits.multiple)
    if cheap:
        both = (upper_left, lower_right)
        yield from ((picture, both) for picture in (_noise(size, 1), _noise(size, 2), drawn))
    else:
        # What takes one size only is attention over windows, mostly: it costs many times what it counts.
        yield from ((drawn, (lower_right,)), (_noise(size, 1), (upper_left,)))


def _in_strips(traits: Traits, *, cheap: bool) -> bool:
    return traits.fixed_size is None and not cheap


def _corners(size: Size, multiple: int) -> tuple[Distances, Distances]:
    """Distances from cuts through the middle: 1 for the first row or column in front of them, none behind."""
    down, right = (side // 2 // multiple * multiple - np.arange(side) for side in size)
    return (
        np.minimum(down[:, np.newaxis], right),
        np.minimum(1 - down[:, np.newaxis], 1 - right),
    )


def _between_ends(size: Size, multiple: int) -> Distances:
    """Distances from the ends of a strip: 1 for the first column beside them, none within."""
    columns = np.arange(size.width)
    first = round_up(STRIP_END, multiple)
    distances = np.minimum(columns - first + 1, size.width - first - columns)
    return np.broadcast_to(distances, size)


def _drawn(size: Size) -> Batch:
    """Shapes and flat places, (1, 3, h, w) float32, within 0..1."""
    return DARK + (BRIGHT - DARK) * to_batch(draw_picture(size))


def _square(side: int, traits: Traits) -> Size:
    """A square of at least ``side`` pixels that the generator takes."""
    side = round_up(max(side, traits.minimum), traits.multiple)
    return Size(side, side)


def _falloff_in(
    run: Run, traits: Traits, picture: Batch, maps: Iterable[Distances]
) -> npt.NDArray[np.float32]:
    """How much a change of everything that has no distance is felt by what has one, by that distance.

    That is what tiles do to a generator; the change of a single pixel is felt less far.
    """
    before = run(picture)
    rows, columns = picture.shape[2:]
    falloff = np.zeros(max(rows, columns), np.float32)
    for distances in maps:
        kept = distances > 0
        change = np.abs(run(np.where(kept, picture, np.float32(1) - picture)) - before).max(axis=(0, 1))
        felt = change.reshape(rows, traits.scale, columns, traits.scale).max(axis=(1, 3))
        with np.errstate(invalid="ignore"):  # what is no number is felt
            np.maximum.at(falloff, distances[kept] - 1, felt[kept])
    return falloff


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
