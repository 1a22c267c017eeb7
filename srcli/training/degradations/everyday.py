"""What nearly every picture that people have went through: JPEG, and a camera's noise and sharpening.

Most pictures are hardly touched and few are touched much, where ``real`` has the ranges of bad ones: a
generator for clean pictures that also learns from these does not sharpen blocks, noise and halos.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from srcli.core.second_order import GREY_NOISE_SHARE
from srcli.training.degradations.bicubic import BicubicReduction
from srcli.training.degradations.blur import blur
from srcli.training.degradations.chance import generator_on, per_picture, uniform
from srcli.training.degradations.jpeg import BLOCK, compress
from srcli.training.degradations.kernels import round_kernels
from srcli.training.degradations.levels import round_to_levels

BLUR_SHARE = 0.25
BLUR_SIGMA = (0.1, 0.45)
"""Of a lens out of focus by little, in low-resolution pixels."""

NOISE_SHARE = 0.5
NOISE_LEVELS = (0.5, 22.0)
"""Standard deviation in 8-bit levels; the median is 6."""
GRAIN_SIGMA = (0.1, 1.2)
"""Demosaicing and noise reduction make grains of noise, this wide in low-resolution pixels."""

SHARPENING_SHARE = 0.25
SHARPENING_SIGMA = (0.5, 1.5)
SHARPENING_AMOUNT = (0.2, 1.0)

JPEG_SHARE = 0.75
JPEG_QUALITY = (97.0, 40.0)
"""The median is 83."""


class EverydayDegradation:
    """Random degradation of batches; a share of each batch stays clean (bicubic only).

    Args:
        scale: factor from low to high resolution.
        clean_share: share of clean pairs.
    """

    deterministic = False

    def __init__(self, scale: int, clean_share: float = 0.5) -> None:
        self.scale = scale
        self.clean_share = clean_share
        self.reduce = BicubicReduction(scale)

    def __call__(self, high: Tensor, random: torch.Generator) -> Tensor:
        """High (N, 3, H, W), 0..1, sides above ten times the scale, to low at 8-bit levels."""
        low = self.reduce(high, random)
        rough = (uniform(0, 1, len(high), random) >= self.clean_share).nonzero().flatten().to(high.device)
        if len(rough):
            low[rough] = self._degrade(high[rough], low[rough], random)
        return low

    def _degrade(self, high: Tensor, low: Tensor, random: torch.Generator) -> Tensor:
        blurred = uniform(0, 1, len(high), random) < BLUR_SHARE
        if bool(blurred.any()):
            sigmas = self.scale * uniform(*BLUR_SIGMA, int(blurred.sum()), random)
            low[blurred] = self.reduce(blur(high[blurred], round_kernels(sigmas)), random)
        noisy = add_grain(low, NOISE_SHARE, NOISE_LEVELS, random)
        return round_to_levels(compress_anywhere(_sharpen(noisy, random), JPEG_SHARE, JPEG_QUALITY, random))


def add_grain(low: Tensor, share: float, levels: tuple[float, float], random: torch.Generator) -> Tensor:
    """Noise in grains of some width, in a share of the pictures (N, 3, h, w), of small deviations mostly.

    Args:
        low: 0..1.
        share: of the pictures that get any.
        levels: the usual and the rare standard deviation, in 8-bit levels.
        random: the source of chance.
    """
    count = len(low)
    source = generator_on(low.device, random)
    noise = torch.randn(low.shape, device=low.device, generator=source)
    kernels = round_kernels(uniform(*GRAIN_SIGMA, count, random))
    # Blurred noise is weaker by the norm of the kernel.
    noise = blur(noise, kernels / torch.linalg.vector_norm(kernels, dim=(1, 2), keepdim=True))
    grey = per_picture(uniform(0, 1, count, random) < GREY_NOISE_SHARE, low)
    noise = torch.where(grey > 0, noise[:, :1], noise)
    return low + noise * _amounts(share, levels, low, random) / 255


def _sharpen(low: Tensor, random: torch.Generator) -> Tensor:
    """The unsharp mask of cameras and editors, whose halos are part of what it leaves."""
    softened = blur(low, round_kernels(uniform(*SHARPENING_SIGMA, len(low), random)))
    amounts = _amounts(SHARPENING_SHARE, SHARPENING_AMOUNT, low, random)
    return (low + amounts * (low - softened)).clamp(0, 1)


def compress_anywhere(
    low: Tensor, share: float, quality: tuple[float, float], random: torch.Generator
) -> Tensor:
    """JPEG for a share of pictures, on a grid of blocks that begins anywhere, as in one that was cropped.

    Args:
        low: (N, 3, h, w), 0..1.
        share: of the pictures that are compressed.
        quality: the usual and the rare one, on libjpeg's scale.
        random: the source of chance.
    """
    top, left = (torch.randint(2 * BLOCK, (2,), generator=random)).tolist()
    framed = functional.pad(low, (left, 0, top, 0), mode="replicate")
    compressed = compress(framed, _skewed(*quality, len(low), random))[..., top:, left:]
    chosen = per_picture(uniform(0, 1, len(low), random) < share, low)
    return torch.where(chosen > 0, compressed, low)


def _amounts(share: float, limits: tuple[float, float], low: Tensor, random: torch.Generator) -> Tensor:
    """A number within ``limits`` for a share of the pictures and 0 for the others, (N, 1, 1, 1)."""
    amounts = _skewed(*limits, len(low), random)
    chosen = uniform(0, 1, len(low), random) < share
    return per_picture(torch.where(chosen, amounts, torch.zeros(len(low))), low)


def _skewed(usual: float, rare: float, count: int, random: torch.Generator) -> Tensor:
    """``count`` numbers from ``usual`` to ``rare``, (count,); the median is a quarter of the way."""
    return usual + (rare - usual) * uniform(0, 1, count, random) ** 2
