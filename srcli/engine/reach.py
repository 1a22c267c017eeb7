"""Measures how far the pixels of a generator's output look around: its receptive field."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from srcli.core.geometry import Size
from srcli.engine.traits import FLOAT, Traits

if TYPE_CHECKING:
    from collections.abc import Callable

    from srcli.core.arrays import Batch

Run: TypeAlias = "Callable[[Batch], Batch]"

SIDES = (48, 96, 192)
MULTIPLICATIONS = 2e11
"""The most that one probe may cost: about two seconds on two cores."""
SEEDS = (1, 2)
DARK, BRIGHT = 0.02, 0.98
TOLERANCE, COARSE_TOLERANCE = 1e-4, 1.5 / 255
"""How much two windows may differ where both see all that matters; 8-bit and half-precision files round."""


def measure_reach(run: Run, traits: Traits) -> int | None:
    """How many input pixels beyond its own an output pixel depends on, on each side.

    One side of a noise picture is changed, and the farthest output pixel on the other side that changes with
    it is found. Influence below float precision is not seen, nor does it matter to the equality of tiles.

    Args:
        run: (N, 3, h, w) float32 0..1 to (N, 3, s*h, s*w).
        traits: size rules and scale of the generator.

    Returns:
        Input pixels, or None where the reach is unbounded (global pooling) or larger than could be probed.
    """
    for side in SIDES:
        size = traits.fixed_size or _square(side, traits)
        if traits.parameters * size.pixels > MULTIPLICATIONS:
            return None
        reach = max(_reach_at(run, traits, size, seed) for seed in SEEDS)
        if reach < min(size) // 2 - traits.multiple:
            return reach
        if traits.fixed_size:
            return None
    return None


def _square(side: int, traits: Traits) -> Size:
    """A square of at least ``side`` pixels that the generator takes."""
    side = -(-max(side, traits.minimum) // traits.multiple) * traits.multiple
    return Size(side, side)


def _reach_at(run: Run, traits: Traits, size: Size, seed: int) -> int:
    """How far across a cut a change of everything behind the cut is felt, in input pixels.

    That is what tiles do to a generator; the change of a single pixel is felt less far.
    """
    noise = _noise(size, seed)
    before = run(noise)
    farthest = 0
    for axis in (0, 1):
        cut = size[axis] // 2 // traits.multiple * traits.multiple
        behind = np.arange(size[axis]) >= cut
        for replaced in (behind, ~behind):
            mask = replaced[:, np.newaxis] if axis == 0 else replaced
            changed = run(np.where(mask, np.float32(1) - noise, noise)) != before
            places = np.flatnonzero(changed.any(axis=(0, 1, 3 - axis))) // traits.scale
            felt = places[~replaced[places]]
            farthest = max(farthest, int(np.where(felt < cut, cut - felt, felt - cut + 1).max(initial=0)))
    return farthest


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
