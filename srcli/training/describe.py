"""What an exported generator's card says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.core.card import ModelCard, TrainingRecord
from srcli.models.verify import sha256_of
from srcli.training.cost import measure_cost

if TYPE_CHECKING:
    from torch import nn

    from srcli.training.checkpoint import State
    from srcli.training.export_request import ExportRequest


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
