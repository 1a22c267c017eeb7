"""What a generator costs to run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from srcli.training.architectures.overparameterised import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

PROBE_SIDE = 16


@dataclass(frozen=True, slots=True)
class Cost:
    """Parameters in all, and multiply-accumulates of the convolutions per input pixel."""

    parameters: int
    macs_per_pixel: int


def measure_cost(generator: nn.Module) -> Cost:
    """Count the weights of a generator, once folded, and the work of its convolutions on a small picture."""
    generator = fold(generator).eval()
    macs = 0

    def count(layer: nn.Module, _: Any, output: Tensor) -> None:  # noqa: ANN401  a hook's signature
        nonlocal macs
        weight = layer.get_parameter("weight")
        macs += weight.numel() * output.shape[2] * output.shape[3]

    hooks = [layer.register_forward_hook(count) for layer in _convolutions(generator)]
    with torch.no_grad():
        generator(torch.zeros(1, 3, PROBE_SIDE, PROBE_SIDE))
    for hook in hooks:
        hook.remove()
    return Cost(sum(p.numel() for p in generator.parameters()), macs // PROBE_SIDE**2)


def _convolutions(generator: nn.Module) -> Iterable[nn.Conv2d]:
    return (layer for layer in generator.modules() if isinstance(layer, nn.Conv2d))
