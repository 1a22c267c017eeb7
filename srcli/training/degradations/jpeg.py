"""JPEG compression of a batch, where the batch lives: the losses of the standard without its bytes."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

BLOCK = 8

# ITU-T T.81, tables K.1 and K.2.
_LUMA = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
_CHROMA = (
    (17, 18, 24, 47, 99, 99, 99, 99),
    (18, 21, 26, 66, 99, 99, 99, 99),
    (24, 26, 56, 99, 99, 99, 99, 99),
    (47, 66, 99, 99, 99, 99, 99, 99),
    *((99,) * 8,) * 4,
)

# JFIF 1.02: RGB to YCbCr, full range.
_TO_YCBCR = (
    (0.299, 0.587, 0.114),
    (-0.168736, -0.331264, 0.5),
    (0.5, -0.418688, -0.081312),
)


def compress(pictures: Tensor, quality: Tensor) -> Tensor:
    """What JPEG leaves of pictures, with chroma at half resolution (4:2:0).

    Args:
        pictures: (N, 3, H, W), RGB 0..1.
        quality: (N,), 1..100, as libjpeg scales its tables by.

    Returns:
        (N, 3, H, W), RGB 0..1, at 8-bit levels up to rounding.
    """
    height, width = pictures.shape[-2:]
    rim = (0, -width % (2 * BLOCK), 0, -height % (2 * BLOCK))
    levels = functional.pad((pictures.clamp(0, 1) * 255).round(), rim, mode="replicate")
    to_ycbcr = torch.tensor(_TO_YCBCR).to(pictures)
    planes = torch.einsum("ij,njhw->nihw", to_ycbcr, levels)
    luma = _quantise(planes[:, :1] - 128, _table(_LUMA, quality).to(pictures)) + 128
    chroma = _quantise(functional.avg_pool2d(planes[:, 1:], 2), _table(_CHROMA, quality).to(pictures))
    chroma = functional.interpolate(chroma, scale_factor=2.0, mode="bilinear", align_corners=False)
    rgb = torch.einsum("ij,njhw->nihw", torch.linalg.inv(to_ycbcr), torch.cat([luma, chroma], dim=1))
    return (rgb[..., :height, :width] / 255).clamp(0, 1)


def _table(base: tuple[tuple[int, ...], ...], quality: Tensor) -> Tensor:
    """Tables (N, 1, 1, 1, 8, 8) scaled as libjpeg's jpeg_quality_scaling does."""
    quality = quality.clamp(1, 100)
    percent = torch.where(quality < 50, 5000 / quality, 200 - 2 * quality).view(-1, 1, 1)
    steps = ((torch.tensor(base) * percent + 50) / 100).floor().clamp(1, 255)
    return steps[:, None, None, None]


def _quantise(planes: Tensor, table: Tensor) -> Tensor:
    """Planes (N, C, H, W) after their 8x8 cosine coefficients are rounded to multiples of the table."""
    transform = _cosines().to(planes)
    blocks = planes.unfold(2, BLOCK, BLOCK).unfold(3, BLOCK, BLOCK)
    coefficients = transform @ blocks @ transform.T
    restored = transform.T @ ((coefficients / table).round() * table) @ transform
    return restored.transpose(3, 4).reshape(planes.shape)


def _cosines() -> Tensor:
    """The orthonormal DCT-II matrix (8, 8)."""
    index = torch.arange(BLOCK, dtype=torch.float64)
    matrix = torch.cos(math.pi * (2 * index[None] + 1) * index[:, None] / (2 * BLOCK)) * math.sqrt(2 / BLOCK)
    matrix[0] /= math.sqrt(2)
    return matrix.float()
