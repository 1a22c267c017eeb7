"""How noisy a picture is, without a reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from srcli.core.arrays import Plane

BLOCK = 32
FLAT_SHARE = 0.2
"""The share of blocks that are taken to show noise and hardly any texture."""


def noise_sigma(plane: Plane) -> float:
    """The standard deviation of the noise in the flat parts of a picture.

    The mean absolute response to a mask that sees no planes and no edges along the axes, in the quietest
    blocks (Immerkaer, "Fast noise variance estimation", Computer Vision and Image Understanding 64, 1996).

    Args:
        plane: (height, width), at least 34 x 34, of any range.

    Returns:
        The deviation in the units of the plane; 0 for smaller pictures.
    """
    rows, columns = (max(0, side - 2) // BLOCK for side in plane.shape)
    if not rows or not columns:
        return 0.0
    across = plane[:, :-2] - 2 * plane[:, 1:-1] + plane[:, 2:]
    response = np.abs(across[:-2] - 2 * across[1:-1] + across[2:])
    blocks = response[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
    quiet = np.quantile(blocks.mean(axis=(1, 3)), FLAT_SHARE)
    return float(quiet * np.sqrt(np.pi / 2) / 6)
