"""Noise as cameras make it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from srcli.core.second_order import PHOTONS

if TYPE_CHECKING:
    from srcli.core.arrays import Planes


def add_gaussian(planes: Planes, sigma: float, rng: np.random.Generator, *, grey: bool = False) -> Planes:
    """Add normal noise.

    Args:
        planes: (height, width, channels) float32, 0..1.
        sigma: standard deviation in 8-bit levels.
        rng: of chance.
        grey: whether all channels share the noise.

    Returns:
        The same shape, not clipped.
    """
    noise = rng.standard_normal(_noise_shape(planes, grey=grey), dtype=np.float32)
    return planes + noise * np.float32(sigma / 255)


def add_shot(planes: Planes, strength: float, rng: np.random.Generator, *, grey: bool = False) -> Planes:
    """Add the noise of counting photons, 256 of them for white, times a strength.

    Args:
        planes: (height, width, channels) float32, 0..1.
        strength: 1 for the noise of the count itself.
        rng: of chance.
        grey: whether all channels share the noise, which then follows their mean.

    Returns:
        The same shape, not clipped.
    """
    light = np.clip(planes.mean(axis=2, keepdims=True) if grey else planes, 0, 1)
    counted = rng.poisson(light * PHOTONS) / PHOTONS
    return planes + np.float32(strength) * (counted - light).astype(np.float32)


def _noise_shape(planes: Planes, *, grey: bool) -> tuple[int, ...]:
    return (*planes.shape[:2], 1) if grey else planes.shape
