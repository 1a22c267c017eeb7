"""The second-order degradation of real photographs: blur, resizing, noise and JPEG, twice over.

Source and ranges: see ``srcli.core.second_order``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from srcli.core.geometry import Size
from srcli.core.second_order import (
    FINAL_CUTOFF,
    FINAL_LOW_PASS_SHARE,
    FIRST,
    GAUSSIAN_NOISE_SHARE,
    GREY_NOISE_SHARE,
    JPEG_QUALITY,
    KERNEL_KINDS,
    KERNEL_SIDES,
    LOW_PASS_SHARE,
    SECOND,
    KernelKind,
    Stage,
    cutoff_range,
)
from srcli.imaging.degradation.filters import BlurKernel, Profile, blur, elliptic, low_pass
from srcli.imaging.degradation.jpeg import compress_as_jpeg
from srcli.imaging.degradation.noise import add_gaussian, add_shot
from srcli.imaging.pixels.resize import resize

if TYPE_CHECKING:
    from srcli.core.arrays import Planes

_METHODS = ("box", "bilinear", "bicubic")


def degrade_real(planes: Planes, size: Size, rng: np.random.Generator) -> Planes:
    """Degrade a picture as cameras, software and web sites do one after the other.

    Args:
        planes: (height, width, 1 or 3) float32, 0..1.
        size: of the result.
        rng: of chance: the same state gives the same picture.

    Returns:
        (size.height, size.width, 1 or 3) float32, 0..1.
    """
    original = Size(*planes.shape[:2])
    once = _noisy(_round_of_blur(planes, original, FIRST, rng), FIRST, rng)
    once = _compressed(once, rng)
    twice = _noisy(_round_of_blur(once, size, SECOND, rng), SECOND, rng)
    # Half of all software sharpens after it has compressed for the last time, half before.
    if rng.random() < 0.5:
        return _compressed(_finished(twice, size, rng), rng)
    return np.clip(_finished(_compressed(twice, rng), size, rng), 0, 1)


def random_kernel(sigma: tuple[float, float], rng: np.random.Generator) -> BlurKernel:
    """A random blur kernel of 7 to 21 pixels.

    Args:
        sigma: range of the half axes in pixels.
        rng: of chance.
    """
    side = int(rng.choice(KERNEL_SIDES))
    if rng.random() < LOW_PASS_SHARE:
        return low_pass(side, rng.uniform(*cutoff_range(side)))
    kind = KERNEL_KINDS[int(rng.choice(len(KERNEL_KINDS), p=[kind.share for kind in KERNEL_KINDS]))]
    first = rng.uniform(*sigma)
    second, angle = (rng.uniform(*sigma), rng.uniform(-np.pi, np.pi)) if kind.is_ellipse else (first, 0.0)
    return elliptic(side, (first, second), angle, _profile(kind, rng))


def _profile(kind: KernelKind, rng: np.random.Generator) -> Profile:
    power = _skewed(kind.power, rng)
    if kind.profile == "plateau":
        return lambda distance: 1 / (distance**power + 1)
    return lambda distance: np.exp(-(distance**power) / 2)


def _skewed(limits: tuple[float, float], rng: np.random.Generator) -> float:
    """Below and above one equally often, where the range allows."""
    low, high = limits
    return rng.uniform(low, 1.0) if rng.random() < 0.5 else rng.uniform(1.0, high)


def _round_of_blur(planes: Planes, base: Size, stage: Stage, rng: np.random.Generator) -> Planes:
    """Blur, then resize to ``base`` times a random factor."""
    if rng.random() < stage.blur_share:
        planes = blur(planes, random_kernel(stage.sigma, rng))
    direction = rng.choice(("up", "down", "keep"), p=stage.resize_shares)
    low, high = stage.factor
    factor = {"up": rng.uniform(1.0, high), "down": rng.uniform(low, 1.0), "keep": 1.0}[direction]
    size = Size(*(max(1, round(side * factor)) for side in base))
    return _resized(planes, size, rng)


def _resized(planes: Planes, size: Size, rng: np.random.Generator) -> Planes:
    # Bilinear and bicubic without antialiasing, as the training does it: careless software makes jaggies.
    method = str(rng.choice(_METHODS))
    return resize(planes, size, method=method, antialias=method == "box")


def _noisy(planes: Planes, stage: Stage, rng: np.random.Generator) -> Planes:
    grey = bool(rng.random() < GREY_NOISE_SHARE)
    if rng.random() < GAUSSIAN_NOISE_SHARE:
        return add_gaussian(planes, rng.uniform(*stage.gaussian_sigma), rng, grey=grey)
    return add_shot(planes, rng.uniform(*stage.shot_strength), rng, grey=grey)


def _compressed(planes: Planes, rng: np.random.Generator) -> Planes:
    return compress_as_jpeg(planes, round(rng.uniform(*JPEG_QUALITY)))


def _finished(planes: Planes, size: Size, rng: np.random.Generator) -> Planes:
    """Resize to the final size and, mostly, add the rings of sharpening."""
    planes = _resized(planes, size, rng)
    if rng.random() < FINAL_LOW_PASS_SHARE:
        planes = blur(planes, low_pass(int(rng.choice(KERNEL_SIDES)), rng.uniform(*FINAL_CUTOFF)))
    return planes
