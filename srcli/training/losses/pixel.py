"""Losses on single pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch.nn import functional

if TYPE_CHECKING:
    from torch import Tensor

    from srcli.training.sampler import Batch


def l1_loss(generated: Tensor, batch: Batch) -> Tensor:
    """Mean absolute error of ``generated`` (N, 3, H, W), 0..1, against the high-resolution crops."""
    return functional.l1_loss(generated, batch.high)


def mse_loss(generated: Tensor, batch: Batch) -> Tensor:
    """Mean squared error of ``generated`` (N, 3, H, W), 0..1, against the high-resolution crops."""
    return functional.mse_loss(generated, batch.high)
