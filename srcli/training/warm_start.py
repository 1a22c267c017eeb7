"""Starting from weights that another run has learnt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from srcli.core.errors import TrainingError

if TYPE_CHECKING:
    from collections.abc import Mapping


def take_weights(generator: nn.Module, weights: Mapping[str, Tensor]) -> int:
    """Copy all weights that fit by name and shape; a tail of another scale is spread over the new sub-pixels.

    Returns:
        How many tensors were taken.

    Raises:
        TrainingError: none fits.
    """
    mine = generator.state_dict()
    taken = 0
    for name, value in weights.items():
        fitted = _fit(name, value, mine)
        if fitted is not None:
            mine[name].copy_(fitted)
            taken += 1
    if not taken:
        raise TrainingError("no weight of the starting point fits this architecture")
    return taken


def _fit(name: str, value: Tensor, mine: Mapping[str, Tensor]) -> Tensor | None:
    target = mine.get(name)
    if target is None:
        return None
    if target.shape == value.shape:
        return value
    if name.startswith("tail.") and target.shape[1:] == value.shape[1:]:
        return spread_tail(value, _scale_of(value), _scale_of(target))
    return None


def _scale_of(tail: Tensor) -> int:
    return round((tail.shape[0] / 3) ** 0.5)


def spread_tail(tail: Tensor, old_scale: int, new_scale: int) -> Tensor:
    """Weights or biases (3*old^2, ...) of a sub-pixel convolution to (3*new^2, ...).

    Each new sub-pixel takes the old one that covers its centre, so a generator for x4 starts as the one for
    x2 with its details repeated.
    """
    covering = torch.div((torch.arange(new_scale) * 2 + 1) * old_scale, 2 * new_scale, rounding_mode="floor")
    grid = tail.reshape(3, old_scale, old_scale, *tail.shape[1:])
    return grid[:, covering][:, :, covering].reshape(3 * new_scale**2, *tail.shape[1:])
