"""A moving average of the weights."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn


class WeightAverage:
    """Exponential moving average of a generator's weights and buffers, in ``self.generator``.

    The average warms up: after n steps its decay is at most (1 + n) / (10 + n), so that the random start is
    soon forgotten.
    """

    def __init__(self, generator: nn.Module, decay: float) -> None:
        self.generator = copy.deepcopy(generator).eval().requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, generator: nn.Module, step: int) -> None:
        """Move towards the weights of ``generator`` after ``step`` steps."""
        weight = 1.0 - min(self.decay, (1 + step) / (10 + step))
        pairs = list(zip(_values(self.generator), _values(generator), strict=True))
        smooth = [pair for pair in pairs if pair[0].is_floating_point()]
        torch._foreach_lerp_([mine for mine, _ in smooth], [value for _, value in smooth], weight)
        for mine, value in pairs:
            if not mine.is_floating_point():
                mine.copy_(value)


def _values(generator: nn.Module) -> list[Tensor]:
    """All weights and buffers, in one order for all generators of an architecture."""
    return list(generator.state_dict().values())
