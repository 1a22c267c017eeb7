"""The artefact map of LDL: a pixel loss where an adversarial generator is likely to invent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

if TYPE_CHECKING:
    from srcli.training.sampler import Batch

WINDOW = 7
EXPONENT = 0.2


def artefact_loss(generated: Tensor, batch: Batch) -> Tensor:
    """Mean absolute error weighted by the artefact map.

    Args:
        generated: (N, 3, H, W), 0..1.
        batch: holds the originals and ``averaged``, the output of the averaged generator.

    Source: Liang et al., "Details or artifacts", arXiv 2203.09195, equations 5 to 8.
    """
    assert batch.averaged is not None
    weights = artefact_map(generated.detach(), batch.averaged, batch.high)
    return (weights * (generated - batch.high).abs()).mean()


def artefact_map(generated: Tensor, averaged: Tensor, high: Tensor) -> Tensor:
    """(N, 1, H, W): local variance of the residual times a power of its variance over the crop.

    Zero where the generator is nearer to the original than the averaged generator is, because there it draws
    details and not artefacts.
    """
    residual = (high - generated).abs().sum(dim=1, keepdim=True)
    steadier = (high - averaged).abs().sum(dim=1, keepdim=True)
    overall = residual.var(dim=(1, 2, 3), keepdim=True) ** EXPONENT
    return torch.where(residual < steadier, 0.0, overall * _local_variance(residual))


def _local_variance(residual: Tensor) -> Tensor:
    margin = WINDOW // 2
    padded = functional.pad(residual, (margin,) * 4, mode="reflect")
    mean = functional.avg_pool2d(padded, WINDOW, stride=1)
    mean_of_squares = functional.avg_pool2d(padded**2, WINDOW, stride=1)
    # Unbiased, as the paper's code takes it.
    return (mean_of_squares - mean**2).clamp_min(0) * (WINDOW**2 / (WINDOW**2 - 1))
