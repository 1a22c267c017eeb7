"""What an exported generator's card says, and what the generator costs to run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from srcli.core.card import ModelCard, TrainingRecord
from srcli.models.verify import sha256_of
from srcli.training.architectures.overparameterised import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from srcli.training.checkpoint import State
    from srcli.training.export_request import ExportRequest

PROBE_SIDE = 16


@dataclass(frozen=True, slots=True)
class Cost:
    """Parameters in all, and multiply-accumulates of the convolutions per input pixel."""

    parameters: int
    macs_per_pixel: int


def describe(request: ExportRequest, state: State, generator: nn.Module) -> ModelCard:
    """The card of a freshly written full-precision file, before anything is measured on it."""
    cost = measure_cost(generator)
    reach = int(generator.receptive_field)  # type: ignore[arg-type]  # an attribute of every generator here
    return ModelCard(
        name=request.name,
        scale=state["scale"],
        architecture=state["architecture"],
        parameters=cost.parameters,
        macs_per_pixel=cost.macs_per_pixel,
        receptive_field=reach,
        overlap=reach,
        fp16_safe=False,
        licence=request.licence,
        sha256=sha256_of(request.target),
        purpose=request.purpose,
        training=_record(request, state),
    )


def _record(request: ExportRequest, state: State) -> TrainingRecord:
    return TrainingRecord(
        data=request.data,
        data_licence=request.data_licence,
        degradation=state["degradation"],
        loss=state["loss"],
        steps=state["steps"],
        seconds=round(state["seconds"], 1),
        hardware=state["hardware"],
        started_from=state.get("started_from", ""),
    )


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
