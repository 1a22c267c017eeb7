"""Measures how far the pixels of a generator's output look around: its receptive field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from srcli.core.geometry import Size, round_up
from srcli.engine.traits import FLOAT, Traits

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from srcli.core.arrays import Batch

Run: TypeAlias = "Callable[[Batch], Batch]"

SIDES = (48, 96, 192)
MULTIPLICATIONS = 2e11
"""The most that one probe may cost: about two seconds on two cores."""
SEEDS = (1, 2)
CHEAP = MULTIPLICATIONS / 10
"""A probe that costs more than this is made on one noise picture, not on two."""
DARK, BRIGHT = 0.02, 0.98
TOLERANCE, COARSE_TOLERANCE = 1e-4, 1.5 / 255
"""How much two windows may differ where both see all that matters; 8-bit and half-precision files round."""


@dataclass(frozen=True, slots=True)
class Influence:
    """How far a change is felt.

    Attributes:
        reach: how many input pixels beyond its own an output pixel depends on, on each side; None where that
            is unbounded (global pooling) or farther than was probed.
        falloff: by distance from a cut, 1 first: the largest change there after all that lies behind the cut
            has changed from black to white or back, as far as was probed.
    """

    reach: int | None
    falloff: tuple[float, ...]

    def overlap_within(self, tolerance: float) -> int | None:
        """The smallest overlap beyond which no change is larger than ``tolerance``; None where none is."""
        loud = [distance for distance, change in enumerate(self.falloff, start=1) if not change <= tolerance]
        distance = max(loud, default=0)
        return distance if distance < len(self.falloff) else None


def measure_reach(run: Run, traits: Traits) -> int | None:
    """How many input pixels beyond its own an output pixel depends on, on each side.

    Influence below float precision is not seen, nor does it matter to the equality of tiles.

    Args:
        run: (N, 3, h, w) float32 0..1 to (N, 3, s*h, s*w).
        traits: size rules and scale of the generator.

    Returns:
        Input pixels, or None where the reach is unbounded (global pooling) or larger than could be probed.
    """
    influence = measure_influence(run, traits, MULTIPLICATIONS)
    return None if influence is None else influence.reach


def measure_influence(run: Run, traits: Traits, multiplications: float) -> Influence | None:
    """How far a generator looks around.

    One side of a noise picture is changed, and the change of the output on the other side is measured; on
    larger and larger pictures, until the farthest change is well inside.

    Args:
        run: (N, 3, h, w) float32 0..1 to (N, 3, s*h, s*w).
        traits: size rules and scale of the generator.
        multiplications: the most that one run may cost.

    Returns:
        What the last probe found, or None where even the smallest costs too much.
    """
    influence = None
    for side in SIDES:
        size = traits.fixed_size or _square(side, traits)
        if traits.parameters * size.pixels > multiplications:
            return influence
        seeds = SEEDS if traits.parameters * size.pixels <= CHEAP else SEEDS[:1]
        falloff = np.max([_falloff_at(run, traits, size, seed) for seed in seeds], axis=0)
        reach = int(np.flatnonzero(falloff).max(initial=-1)) + 1
        inside = reach < min(size) // 2 - traits.multiple
        influence = Influence(reach if inside else None, tuple(falloff.tolist()))
        if inside or traits.fixed_size:
            return influence
    return influence


def _square(side: int, traits: Traits) -> Size:
    """A square of at least ``side`` pixels that the generator takes."""
    side = round_up(max(side, traits.minimum), traits.multiple)
    return Size(side, side)


def _falloff_at(run: Run, traits: Traits, size: Size, seed: int) -> npt.NDArray[np.float32]:
    """How much a change of everything behind a cut is felt in front of it, by distance in input pixels.

    That is what tiles do to a generator; the change of a single pixel is felt less far. Both axes and both
    directions are tried, and the largest change counts.
    """
    noise = _noise(size, seed)
    before = run(noise)
    falloff = np.zeros(max(size), np.float32)
    for axis in (0, 1):
        cut = size[axis] // 2 // traits.multiple * traits.multiple
        behind = np.arange(size[axis]) >= cut
        for replaced in (behind, ~behind):
            mask = replaced[:, np.newaxis] if axis == 0 else replaced
            change = np.abs(run(np.where(mask, np.float32(1) - noise, noise)) - before)
            lines = change.max(axis=(0, 1, 3 - axis)).reshape(-1, traits.scale).max(axis=1)
            felt = lines[~replaced][:: -1 if replaced is behind else 1]
            falloff[: len(felt)] = np.maximum(falloff[: len(felt)], felt)
    return falloff[: min(size) // 2]


def windows_agree(run: Run, traits: Traits, reach: int) -> bool:
    """Whether two shifted windows of a noise picture give one result where both see ``reach`` pixels around.

    Only then is a picture in tiles the picture as a whole.
    """
    size = traits.fixed_size or _square(2 * reach + 8 * traits.multiple, traits)
    down, right = 3 * traits.multiple, traits.multiple
    noise = _noise(Size(size.height + down, size.width + right), SEEDS[0])
    # What only one of the windows sees is as different as can be, so that a look at the whole shows.
    noise[:, :, :down], noise[:, :, size.height :] = DARK, BRIGHT
    first = run(noise[:, :, : size.height, : size.width])
    second = run(noise[:, :, down:, right:])
    top, left, scale = down + reach, right + reach, traits.scale
    bottom, end = size.height - reach, size.width - reach
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
