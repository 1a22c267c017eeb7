"""Moves crops against the strides of the networks that judge them.

A generator writes each output pixel by its place within the scale, and poolings and strided convolutions
see a crop by its place within their stride. Where the two always fall together, a fine grid that the judge is
blind to costs nothing; moved by chance, no place is blind for long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import torch

if TYPE_CHECKING:
    from torch import Tensor

Shift: TypeAlias = "tuple[int, int]"
"""Pixels down and to the right."""

STRIDE = 16
"""The stride of the deepest features that are compared; the discriminators' are divisors of it."""
NOWHERE: Shift = (0, 0)


def draw_shift(random: torch.Generator) -> Shift:
    """Down and right by 0 to ``STRIDE`` - 1 pixels each."""
    down, right = torch.randint(STRIDE, (2,), generator=random).tolist()
    return down, right


def shifted(pictures: Tensor, shift: Shift) -> Tensor:
    """Pictures (N, channels, H, W) moved; what leaves on one side comes in on the other, so sizes stay."""
    return torch.roll(pictures, shift, dims=(-2, -1))
