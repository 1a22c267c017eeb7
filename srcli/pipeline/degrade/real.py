"""The second-order degradation of real photographs: blur, resizing, noise and JPEG, twice over.

Source: Wang, Xie, Dong and Shan, "Real-ESRGAN: training real-world blind super-resolution with pure synthetic
data", ICCV workshops 2021, section 3, with the ranges of its published x4 training.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.geometry import Size
from srcli.imaging.jpeg import compress_as_jpeg
from srcli.imaging.resize import resize
from srcli.pipeline.degrade.filters import BlurKernel, blur, elliptic, low_pass
from srcli.pipeline.degrade.noise import add_gaussian, add_shot

if TYPE_CHECKING:
    from srcli.core.arrays import Planes

_SIDES = np.arange(7, 22, 2)
_METHODS = ("box", "bilinear", "bicubic")
_JPEG_QUALITY = (30.0, 95.0)
_LOW_PASS_SHARE = 0.1
_FINAL_LOW_PASS_SHARE = 0.8
_GREY_NOISE_SHARE = 0.4
_GAUSSIAN_NOISE_SHARE = 0.5
# Round and elliptic, each as Gaussian, generalised Gaussian and plateau.
_SHAPES = ("gaussian", "generalised", "plateau")
_SHAPE_SHARES = ((0.45, 0.12, 0.12), (0.25, 0.03, 0.03))
_GENERALISED_POWER = (0.5, 4.0)
_PLATEAU_POWER = (1.0, 2.0)


@dataclass(frozen=True, slots=True)
class Stage:
    """The ranges of one of the two rounds.

    Attributes:
        blur_share: how often there is blur.
        sigma: of the blur, in pixels.
        resize_shares: how often the picture grows, shrinks, stays.
        factor: range of the resize factor.
        gaussian_sigma: of Gaussian noise, in 8-bit levels.
        shot_strength: of photon noise, see ``add_shot``.
    """

    blur_share: float
    sigma: tuple[float, float]
    resize_shares: tuple[float, float, float]
    factor: tuple[float, float]
    gaussian_sigma: tuple[float, float]
    shot_strength: tuple[float, float]


FIRST = Stage(1.0, (0.2, 3.0), (0.2, 0.7, 0.1), (0.15, 1.5), (1.0, 30.0), (0.05, 3.0))
SECOND = Stage(0.8, (0.2, 1.5), (0.3, 0.4, 0.3), (0.3, 1.2), (1.0, 25.0), (0.05, 2.5))


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
    side = int(rng.choice(_SIDES))
    if rng.random() < _LOW_PASS_SHARE:
        return low_pass(side, rng.uniform(np.pi / (3 if side < 13 else 5), np.pi))
    shares = np.ravel(_SHAPE_SHARES)
    is_ellipse, shape = divmod(int(rng.choice(len(shares), p=shares)), len(_SHAPES))
    first = rng.uniform(*sigma)
    second, angle = (rng.uniform(*sigma), rng.uniform(-np.pi, np.pi)) if is_ellipse else (first, 0.0)
    return _shaped(_SHAPES[shape], side, (first, second), angle, rng)


def _shaped(
    shape: str, side: int, sigmas: tuple[float, float], angle: float, rng: np.random.Generator
) -> BlurKernel:
    if shape == "plateau":
        power = _skewed(_PLATEAU_POWER, rng)
        return elliptic(side, sigmas, angle, lambda distance: 1 / (distance**power + 1))
    power = 1.0 if shape == "gaussian" else _skewed(_GENERALISED_POWER, rng)
    return elliptic(side, sigmas, angle, lambda distance: np.exp(-(distance**power) / 2))


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
    grey = bool(rng.random() < _GREY_NOISE_SHARE)
    if rng.random() < _GAUSSIAN_NOISE_SHARE:
        return add_gaussian(planes, rng.uniform(*stage.gaussian_sigma), rng, grey=grey)
    return add_shot(planes, rng.uniform(*stage.shot_strength), rng, grey=grey)


def _compressed(planes: Planes, rng: np.random.Generator) -> Planes:
    return compress_as_jpeg(planes, round(rng.uniform(*_JPEG_QUALITY)))


def _finished(planes: Planes, size: Size, rng: np.random.Generator) -> Planes:
    """Resize to the final size and, mostly, add the rings of sharpening."""
    planes = _resized(planes, size, rng)
    if rng.random() < _FINAL_LOW_PASS_SHARE:
        planes = blur(planes, low_pass(int(rng.choice(_SIDES)), rng.uniform(np.pi / 3, np.pi)))
    return planes
