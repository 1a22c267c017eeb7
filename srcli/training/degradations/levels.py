"""The levels of an 8-bit file."""

from __future__ import annotations

import torch
from torch import Tensor


def levels_to_unit(levels: Tensor) -> Tensor:
    """Any shape, uint8, to float32, 0..1."""
    return levels.float() / 255


def round_to_levels(picture: Tensor) -> Tensor:
    """Any shape, 0..1, clamped and rounded half up to multiples of 1/255, as MATLAB's uint8 is; float32."""
    # The small offset keeps exact halves, which float64 may miss by one unit in the last place, on the upper
    # side.
    levels = torch.floor(picture.double() * 255 + 0.5 + 1e-9)
    return (levels.clamp(0, 255) / 255).float()
