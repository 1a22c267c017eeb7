"""Noise of cameras, on batches (N, 3, H, W), 0..1; results are not clamped."""

from __future__ import annotations

import torch
from torch import Tensor

from srcli.core.second_order import PHOTONS
from srcli.training.degradations.chance import generator_on, per_picture, uniform


def add_gaussian(
    pictures: Tensor, sigma: tuple[float, float], grey_share: float, random: torch.Generator
) -> Tensor:
    """Normal noise of a random standard deviation per picture, in 8-bit levels; grey for a share of them."""
    count = len(pictures)
    deviation = per_picture(uniform(*sigma, count, random), pictures) / 255
    source = generator_on(pictures.device, random)
    noise = torch.randn(pictures.shape, device=pictures.device, dtype=pictures.dtype, generator=source)
    grey = per_picture(uniform(0, 1, count, random), pictures) < grey_share
    return pictures + deviation * torch.where(grey, noise[:, :1], noise)


def add_shot(
    pictures: Tensor, strength: tuple[float, float], grey_share: float, random: torch.Generator
) -> Tensor:
    """Noise of counting photons, times a random strength per picture; grey for a share of them."""
    count = len(pictures)
    light = pictures.clamp(0, 1)
    grey_light = light.mean(dim=1, keepdim=True)
    grey = per_picture(uniform(0, 1, count, random), pictures) < grey_share
    noise = torch.where(grey, _shot(grey_light, random), _shot(light, random))
    return pictures + per_picture(uniform(*strength, count, random), pictures) * noise


def _shot(light: Tensor, random: torch.Generator) -> Tensor:
    counted = torch.poisson(light * PHOTONS, generator=generator_on(light.device, random))
    return counted / PHOTONS - light
