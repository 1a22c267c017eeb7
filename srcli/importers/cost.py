"""What an ONNX generator holds, and what it costs to run."""

from __future__ import annotations

import math
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from srcli.importers.onnx_file import require_onnx

if TYPE_CHECKING:
    from typing import Any

    import numpy.typing as npt
    from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto

    Numbers = npt.NDArray[Any]

PROBE_SIDE = 960
"""Side of the picture that is counted on, where the graph fixes none: what a generator does for the rim of a
picture hardly counts there, and all sizes that generators need divide it."""
ROUNDS = 6
"""How often shapes are deduced, each time with the sizes that the shapes before have led to."""
_ARITHMETIC = "Add Cast Ceil Div Equal Floor Greater Less Max Min Mod Mul Neg Sub Where"
_ARRANGEMENT = "Concat ConstantOfShape Expand Gather Identity Range Reshape Slice Squeeze Transpose Unsqueeze"
SIZES = frozenset(f"{_ARITHMETIC} {_ARRANGEMENT}".split())
"""Operators that compute with sizes."""
MOST_SIZES = 64
"""The most numbers that such an operator takes or gives."""
SETTINGS = frozenset({"Resize", "Upsample", "Pad", "Clip", "Reshape", "Slice", "Tile", "Expand", "Pow"})
"""Operators whose constants are no weights."""


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
        _sort(loaded.graph)
        shapes = _shapes(loaded, picture)
        given = shapes[picture.name]
    except Exception:
        # The deduction of shapes is C++ and raises what it likes; a cost that is not known harms nothing.
        return 0
    total = sum(_cost(node, shapes | weights) for node in loaded.graph.node)
    channels = min(given[1], given[-1])
    return round(total * channels / math.prod(given))


def count_parameters(model: bytes) -> int:
    """The weights of a generator, without the constants that operators take as settings, such as factors."""
    require_onnx("counting parameters")
    import onnx

    graph = onnx.load_model_from_string(model).graph
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant" and (held := _held(node)) is not None:
            tensors[node.output[0]] = held
    used = {name for node in graph.node if node.op_type not in SETTINGS for name in node.input}
    return sum(_weights_in(tensor) for name, tensor in tensors.items() if name in used)


def _held(constant: NodeProto) -> TensorProto | None:
    """The tensor that a constant holds; None for one of another kind."""
    return next((each.t for each in constant.attribute if each.HasField("t")), None)


def _weights_in(tensor: TensorProto) -> int:
    """How many weights a tensor holds: none where it holds one number, or integers as sizes have them."""
    import onnx

    count = math.prod(tensor.dims)
    whole = tensor.data_type in (onnx.TensorProto.INT32, onnx.TensorProto.INT64, onnx.TensorProto.BOOL)
    return 0 if whole or not tensor.dims or count <= 1 else count


def _sort(graph: GraphProto) -> None:
    """Put every operator behind those that it takes from, which tools for half precision don't."""
    nodes = list(graph.node)
    makers = {name: index for index, node in enumerate(nodes) for name in node.output}
    before = {
        index: {makers[name] for name in node.input if name in makers} for index, node in enumerate(nodes)
    }
    try:
        order = list(TopologicalSorter(before).static_order())
    except CycleError:
        return
    del graph.node[:]
    graph.node.extend(nodes[index] for index in order)


def _shapes(model: ModelProto, picture: ValueInfoProto) -> dict[str, tuple[int, ...]]:
    """The shapes of everything in a graph for one picture of ``PROBE_SIDE``; unknown ones are left out."""
    for axis in picture.type.tensor_type.shape.dim:
        if not axis.HasField("dim_value"):
            axis.dim_value = PROBE_SIDE
    picture.type.tensor_type.shape.dim[0].dim_value = 1
    del model.graph.value_info[:]
    for value in model.graph.output:
        value.type.tensor_type.ClearField("shape")
    found = _deduced(model)
    for _ in range(ROUNDS):
        if not _compute_sizes(model.graph, found):
            break
        found = _deduced(model)
    return found


def _deduced(model: ModelProto) -> dict[str, tuple[int, ...]]:
    """The shapes that follow from those of the inputs and from constants."""
    import onnx

    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    found = {}
    for value in (*inferred.value_info, *inferred.input, *inferred.output):
        axes = [axis.dim_value for axis in value.type.tensor_type.shape.dim]
        if axes and all(axes):
            found[value.name] = tuple(axes)
    return found


def _compute_sizes(graph: GraphProto, shapes: dict[str, tuple[int, ...]]) -> bool:
    """Put constants in the place of operators that compute with known sizes; whether there were any."""
    from onnx import numpy_helper

    small = {tensor.name: tensor for tensor in graph.initializer if math.prod(tensor.dims) <= MOST_SIZES}
    known = {name: numpy_helper.to_array(tensor) for name, tensor in small.items()}
    kept = []
    for node in graph.node:
        value = _computed(node, known, shapes)
        if value is None:
            kept.append(node)
        else:
            known[node.output[0]] = value
            graph.initializer.append(numpy_helper.from_array(value, node.output[0]))
    done = len(kept) < len(graph.node)
    del graph.node[:]
    graph.node.extend(kept)
    return done


def _computed(
    node: NodeProto, known: dict[str, Numbers], shapes: dict[str, tuple[int, ...]]
) -> Numbers | None:
    """What an operator makes of known sizes; None where something is not known, or too large."""
    import numpy as np
    from onnx import numpy_helper
    from onnx.reference import ReferenceEvaluator

    if node.op_type == "Constant":
        held = _held(node)
        if held is None or math.prod(held.dims) > MOST_SIZES:
            return None
        return numpy_helper.to_array(held)
    if node.op_type == "Shape" and node.input[0] in shapes:
        ends = {each.name: each.i for each in node.attribute}
        return np.array(shapes[node.input[0]][ends.get("start", 0) : ends.get("end")], np.int64)
    if node.op_type not in SIZES or len(node.output) != 1 or not all(n in known for n in node.input if n):
        return None
    given = {name: known[name] for name in node.input if name}
    made: list[Any] = list(ReferenceEvaluator(node).run(None, given))
    value = np.asarray(made[0])
    return value if value.size <= MOST_SIZES else None


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
