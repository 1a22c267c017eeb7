"""Losses by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import Tensor

from srcli.core.errors import UsageError
from srcli.training.losses.pixel import l1_loss, mse_loss
from srcli.training.sampler import Batch

Loss = Callable[[Tensor, Batch], Tensor]
"""Generated crops (N, 3, H, W), 0..1, and the batch they come from, to a scalar; lower is better."""

LOSSES: dict[str, Loss] = {
    "l1": l1_loss,
    "mse": mse_loss,
}


def build_loss(weights: Mapping[str, float]) -> Loss:
    """The weighted sum of the named losses.

    Raises:
        UsageError: no loss has one of the names.
    """
    unknown = sorted(set(weights) - set(LOSSES))
    if unknown:
        raise UsageError(f"unknown loss '{unknown[0]}'", hint=f"one of: {', '.join(sorted(LOSSES))}")

    def weighted(generated: Tensor, batch: Batch) -> Tensor:
        terms = [weight * LOSSES[name](generated, batch) for name, weight in weights.items()]
        return sum(terms[1:], start=terms[0])

    return weighted
