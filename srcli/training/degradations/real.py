"""The second-order degradation of real photographs: blur, resizing, noise and JPEG, twice over.

Source and ranges: see ``srcli.core.second_order``.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from srcli.core.second_order import (
    FINAL_LOW_PASS_SHARE,
    FIRST,
    GAUSSIAN_NOISE_SHARE,
    GREY_NOISE_SHARE,
    JPEG_QUALITY,
    SECOND,
    Stage,
)
from srcli.training.degradations.bicubic import BicubicReduction
from srcli.training.degradations.blur import blur
from srcli.training.degradations.chance import choose, happens, one_uniform, per_picture, uniform
from srcli.training.degradations.jpeg import compress
from srcli.training.degradations.kernels import random_final_low_passes, random_kernels
from srcli.training.degradations.levels import round_to_levels
from srcli.training.degradations.noise import add_gaussian, add_shot

MODES = ("area", "bilinear", "bicubic")
SMALLEST_SIDE = 22
"""No resize goes below the blur kernel's reach, which mirrored borders need."""


class RealDegradation:
    """Random degradation of batches; a share of each batch stays clean (bicubic only).

    Clean pairs teach a generator to leave good pictures alone.

    Args:
        scale: factor from low to high resolution.
        clean_share: share of clean pairs.
    """

    deterministic = False

    def __init__(self, scale: int, clean_share: float = 0.2) -> None:
        self.scale = scale
        self.clean_share = clean_share
        self.clean = BicubicReduction(scale)

    def __call__(self, high: Tensor, random: torch.Generator) -> Tensor:
        """High (N, 3, H, W), 0..1, sides at least 22 times the scale, to low at 8-bit levels."""
        target = (high.shape[2] // self.scale, high.shape[3] // self.scale)
        pictures = _first_round(high, random)
        pictures = _blur_and_resize(pictures, SECOND, target, random)
        pictures = _add_noise(pictures, SECOND, random)
        low = round_to_levels(_finish(pictures, target, random))
        stays_clean = per_picture(uniform(0, 1, len(high), random), high) < self.clean_share
        return torch.where(stays_clean, self.clean(high, random), low)


def _first_round(high: Tensor, random: torch.Generator) -> Tensor:
    pictures = _blur_and_resize(high, FIRST, (high.shape[2], high.shape[3]), random)
    return _compress(_add_noise(pictures, FIRST, random), random)


def _blur_and_resize(
    pictures: Tensor, stage: Stage, base: tuple[int, int], random: torch.Generator
) -> Tensor:
    if happens(stage.blur_share, random):
        pictures = blur(pictures, random_kernels(len(pictures), stage.sigma, random))
    factor = _random_factor(stage, random)
    return _resize(pictures, tuple(max(SMALLEST_SIDE, round(side * factor)) for side in base), random)


def _random_factor(stage: Stage, random: torch.Generator) -> float:
    smallest, largest = stage.factor
    ranges = ((1.0, largest), (smallest, 1.0), (1.0, 1.0))
    return one_uniform(*ranges[choose(stage.resize_shares, random)], random)


def _resize(pictures: Tensor, size: tuple[int, ...], random: torch.Generator) -> Tensor:
    # Without antialiasing, as published: aliasing is part of what real pictures suffer.
    mode = MODES[choose([1.0] * len(MODES), random)]
    return functional.interpolate(pictures, size=size, mode=mode)


def _add_noise(pictures: Tensor, stage: Stage, random: torch.Generator) -> Tensor:
    if happens(GAUSSIAN_NOISE_SHARE, random):
        return add_gaussian(pictures, stage.gaussian_sigma, GREY_NOISE_SHARE, random).clamp(0, 1)
    return add_shot(pictures, stage.shot_strength, GREY_NOISE_SHARE, random).clamp(0, 1)


def _compress(pictures: Tensor, random: torch.Generator) -> Tensor:
    return compress(pictures, uniform(*JPEG_QUALITY, len(pictures), random))


def _finish(pictures: Tensor, target: tuple[int, int], random: torch.Generator) -> Tensor:
    """To the target size, low-passed as sharpened pictures are, and compressed: in either order."""
    if happens(0.5, random):
        return _compress(_shrink_and_low_pass(pictures, target, random), random)
    return _shrink_and_low_pass(_compress(pictures, random), target, random)


def _shrink_and_low_pass(pictures: Tensor, target: tuple[int, int], random: torch.Generator) -> Tensor:
    pictures = _resize(pictures, target, random)
    if happens(FINAL_LOW_PASS_SHARE, random):
        pictures = blur(pictures, random_final_low_passes(len(pictures), random)).clamp(0, 1)
    return pictures
