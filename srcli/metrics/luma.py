"""Luma, the one channel that super-resolution papers measure on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from srcli.metrics.pairs import row_strips

if TYPE_CHECKING:
    from srcli.core.arrays import Planes

_OFFSET = 16.0
LUMA_WEIGHTS = (65.481, 128.553, 24.966)
"""What full red, green and blue add to luma, in 8-bit levels; 219 together."""


def rgb_to_luma(rgb: Planes, *, round_levels: bool = False) -> Planes:
    """BT.601 luma in studio range: ``(16 + 65.481 R + 128.553 G + 24.966 B) / 255``.

    Source: MATLAB's ``rgb2ycbcr``, after ITU-R BT.601.

    Args:
        rgb: (height, width, 3) floats, 0..1, non-linear (as stored in files).
        round_levels: round to whole 8-bit levels, half up, as ``rgb2ycbcr`` does for uint8 pictures.

    Returns:
        (height, width, 1) float32, 16/255..235/255.
    """
    luma = np.empty((*rgb.shape[:2], 1), np.float32)
    for rows in row_strips(rgb):
        levels = rgb[rows].astype(np.float64) @ LUMA_WEIGHTS + _OFFSET
        if round_levels:
            levels = np.floor(levels + 0.5)
        luma[rows, :, 0] = levels / 255
    return luma
