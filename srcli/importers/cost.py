"""What an ONNX generator costs to run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from srcli.importers.onnx_file import require_onnx

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, ValueInfoProto

PROBE_SIDE = 960
"""Side of the picture that is counted on, where the graph fixes none: what a generator does for the rim of a
picture hardly counts there, and all sizes that generators need divide it."""


def count_multiplications(model: bytes) -> int:
    """Multiply-adds per input pixel of the convolutions and matrix products in a generator.

    Returns:
        A whole number; 0 where the sizes in the graph can't be deduced.
    """
    require_onnx("counting operations")
    import onnx

    loaded = onnx.load_model_from_string(model)
    weights = {tensor.name: tuple(tensor.dims) for tensor in loaded.graph.initializer}
    picture = next(value for value in loaded.graph.input if value.name not in weights)
    try:
        shapes = _shapes(loaded, picture)
        given = shapes[picture.name]
    except Exception:
        # The deduction of shapes is C++ and raises what it likes; a cost that is not known harms nothing.
        return 0
    total = sum(_cost(node, shapes | weights) for node in loaded.graph.node)
    channels = min(given[1], given[-1])
    return round(total * channels / math.prod(given))


def _shapes(model: ModelProto, picture: ValueInfoProto) -> dict[str, tuple[int, ...]]:
    """The shapes of everything in a graph for one picture of ``PROBE_SIDE``; unknown ones are left out."""
    import onnx

    for axis in picture.type.tensor_type.shape.dim:
        if not axis.HasField("dim_value"):
            axis.dim_value = PROBE_SIDE
    picture.type.tensor_type.shape.dim[0].dim_value = 1
    del model.graph.value_info[:]
    for value in model.graph.output:
        value.type.tensor_type.ClearField("shape")
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    found = {}
    for value in (*inferred.value_info, *inferred.input, *inferred.output):
        axes = [axis.dim_value for axis in value.type.tensor_type.shape.dim]
        if all(axes):
            found[value.name] = tuple(axes)
    return found


def _cost(node: NodeProto, shapes: dict[str, tuple[int, ...]]) -> int:
    """Multiply-adds of an operator; 0 for all but convolutions and matrix products of known sizes."""
    known = [shapes.get(name) for name in (*node.input[:2], *node.output[:1])]
    if len(known) < 3 or any(shape is None for shape in known):
        return 0
    given, weight, made = (shape for shape in known if shape is not None)
    if node.op_type == "Conv":
        return math.prod(weight) * math.prod(made[2:]) * made[0]
    if node.op_type == "ConvTranspose":
        return math.prod(weight) * math.prod(given[2:]) * given[0]
    if node.op_type in ("MatMul", "Gemm") and given:
        return math.prod(made) * given[-1]
    return 0
