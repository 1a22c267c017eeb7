"""A picture to try generators on: smooth, sharp, fine and noisy places, and all colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from srcli.core.arrays import Planes
    from srcli.core.geometry import Size

SEED = 6
WAVES_END = 0.35
"""Share of the picture's diagonal at which the rings reach the finest detail that pixels can show."""
NOISE = 0.02


def draw_picture(size: Size) -> Planes:
    """A picture of any size, the same every time.

    Returns:
        (H, W, 3) float32, RGB, 0..1, on 8-bit levels.
    """
    rows, columns = np.mgrid[: size.height, : size.width].astype(np.float64)
    down, right = rows / max(size.height - 1, 1), columns / max(size.width - 1, 1)
    rings = np.cos(WAVES_END * np.pi * (rows**2 + columns**2) / max(np.hypot(*size), 1))
    checks = ((rows // 5 + columns // 7) % 2) * 0.6 + 0.2
    disc = np.hypot(down - 0.5, right - 0.6) < 0.3
    planes = np.stack(
        [
            np.where(disc, 0.9, 0.5 + 0.4 * rings),
            np.where(disc, down, checks),
            np.where(disc, 0.15 + 0.3 * right, 0.5 * down + 0.5 * right),
        ],
        axis=2,
    )
    planes += np.random.default_rng(SEED).normal(0, NOISE, planes.shape)
    result: Planes = (np.rint(planes.clip(0, 1) * 255) / 255).astype(np.float32)
    return result
