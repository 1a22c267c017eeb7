"""What a person says of a network and its file doesn't tell: range, layout, order of colours, a level."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcli.core.errors import UnsuitableModel

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, ValueInfoProto

    from srcli.importers.converted import Converted

COLOURS = 3
CHANNEL_AXES = {"nchw": 1, "nhwc": 3}
REVERSED = "bgr"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a person says of a file; None where it is left to a trial, or needs no word.

    Attributes:
        value_range: white in its input and output, 1.0 or 255.0.
        layout: ``nchw`` or ``nhwc``.
        order: of the colours, ``rgb`` or ``bgr``.
        level: what the network is told beside the picture, in its own unit; see ``srcli.importers.level``.
    """

    value_range: float | None = None
    layout: str | None = None
    order: str | None = None
    level: float | None = None


NO_CLAIMS = Claims()


def declare(converted: Converted, claims: Claims) -> Converted:
    """The generator with a layout that its graph declares, and colours in the order that srcli uses.

    Raises:
        UnsuitableModel: the graph contradicts what is said of it.
    """
    if claims.layout is None and claims.order != REVERSED:
        return converted
    import onnx

    model = onnx.load_model_from_string(converted.model)
    given, made = ends(model.graph)
    axis = channel_axis(given, claims.layout)
    for value in (given, made):
        _fix_channels(value, axis)
    if claims.order == REVERSED:
        _reverse_colours(model, given, made, axis)
    return dataclasses.replace(converted, model=model.SerializeToString())


def ends(graph: GraphProto) -> tuple[ValueInfoProto, ValueInfoProto]:
    """The input that is no weight, and the first output.

    Raises:
        UnsuitableModel: there is none.
    """
    inputs = inputs_of(graph)
    if not inputs or not graph.output:
        raise UnsuitableModel("the model takes or gives nothing")
    return inputs[0], graph.output[0]


def inputs_of(graph: GraphProto) -> list[ValueInfoProto]:
    """The inputs that are no weights."""
    weights = {tensor.name for tensor in graph.initializer}
    return [value for value in graph.input if value.name not in weights]


def channel_axis(value: ValueInfoProto, layout: str | None) -> int:
    """Where the channels are, 1 or 3: as said, or where the graph declares three.

    Raises:
        UnsuitableModel: the value is no batch of pictures.
    """
    axes = value.type.tensor_type.shape.dim
    if len(axes) != 4:
        raise UnsuitableModel(f"the model takes arrays of {len(axes)} axes, not 4 (batches of pictures)")
    if layout is not None:
        return CHANNEL_AXES[layout]
    return 3 if axes[3].dim_value == COLOURS != axes[1].dim_value else 1


def _fix_channels(value: ValueInfoProto, axis: int) -> None:
    """Declare three channels on an axis, where the graph leaves them open."""
    axes = value.type.tensor_type.shape.dim
    if len(axes) != 4:
        return
    if axes[axis].dim_value in (0, COLOURS):
        axes[axis].dim_value = COLOURS
    elif axes[axis].dim_value != 1:
        layout = next(name for name, place in CHANNEL_AXES.items() if place == axis)
        raise UnsuitableModel(f"the model has {axes[axis].dim_value} channels as {layout}, not 1 or 3")


def _reverse_colours(model: ModelProto, given: ValueInfoProto, made: ValueInfoProto, axis: int) -> None:
    """Turn the channels of the input and the output around."""
    import numpy as np
    from onnx import helper, numpy_helper

    graph = model.graph
    inner, outer, order = "srcli/reversed", "srcli/made", "srcli/order"
    for node in graph.node:
        node.input[:] = [inner if name == given.name else name for name in node.input]
        node.output[:] = [outer if name == made.name else name for name in node.output]
        # The output may be used inside the graph as well.
        node.input[:] = [outer if name == made.name else name for name in node.input]
    first = helper.make_node("Gather", [given.name, order], [inner], axis=axis)
    nodes = [first, *graph.node, helper.make_node("Gather", [outer, order], [made.name], axis=axis)]
    del graph.node[:]
    graph.node.extend(nodes)
    graph.initializer.append(numpy_helper.from_array(np.array([2, 1, 0]), order))
