"""A moving average of the weights."""

from __future__ import annotations

import copy

import torch
from torch import nn


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
        mine = self.generator.state_dict()
        for name, value in generator.state_dict().items():
            if value.is_floating_point():
                mine[name].lerp_(value, weight)
            else:
                mine[name].copy_(value)
