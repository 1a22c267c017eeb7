"""A picture to measure with where a person gives none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from srcli.core.geometry import Size
from srcli.imaging.encode import write_rgb_png
from srcli.imaging.pixels.resize import resize

if TYPE_CHECKING:
    from pathlib import Path

    from srcli.core.arrays import Planes

OCTAVES = ((64, 0.5), (16, 0.25), (4, 0.1), (1, 0.02))
"""Coarseness in pixels and contrast of the layers of noise: a photograph's spectrum, so that PNG works as
hard as on one."""


def write_synthetic(path: Path, size: Size, seed: int = 0) -> None:
    """Write a PNG of coloured clouds; the same for the same size and seed."""
    write_rgb_png(path, _clouds(size, seed))


def _clouds(size: Size, seed: int) -> Planes:
    """(H, W, 3) float32 within 0..1."""
    random = np.random.default_rng(seed)
    clouds = np.full((*size, 3), 0.5, np.float32)
    for coarseness, contrast in OCTAVES:
        cells = Size(*(max(2, -(-side // coarseness)) for side in size))
        layer = random.random((*cells, 3), dtype=np.float32) - np.float32(0.5)
        clouds += np.float32(contrast) * resize(layer, size)
    return np.clip(clouds, 0.0, 1.0)
