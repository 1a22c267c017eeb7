"""Brightness and colour apart: BT.601 in full range, as in JPEG."""

from __future__ import annotations

import torch
from torch import Tensor

from srcli.imaging.colour.chroma import BLUE, GREEN, RED


def to_ycc(rgb: Tensor) -> Tensor:
    """RGB (N, 3, H, W), 0..1, to luma, 0..1, and Cb and Cr, -0.5..0.5."""
    red, green, blue = rgb.unbind(1)
    luma = RED * red + GREEN * green + BLUE * blue
    return torch.stack([luma, (blue - luma) / (2 - 2 * BLUE), (red - luma) / (2 - 2 * RED)], 1)
