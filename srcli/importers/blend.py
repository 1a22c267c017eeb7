"""The weights of two generators of one shape, interpolated.

Source: Wang et al., "Deep network interpolation for continuous imagery effect transition", CVPR 2019, section
3.1: between two generators of which one was trained on from the other, every weight on the straight line
makes a generator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from srcli.core.errors import UnsuitableModel
from srcli.importers.onnx_file import has_inner_graphs, read_onnx, require_onnx, to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto


def blend(first: Path, second: Path, alpha: float) -> bytes:
    """A generator between two.

    Args:
        first: the ONNX file at ``alpha`` 0.
        second: the ONNX file at ``alpha`` 1.
        alpha: share of the second, 0..1.

    Returns:
        A serialised ONNX generator.

    Raises:
        MissingExtra: the onnx package is not installed.
        DamagedModel: one of the files is broken.
        UnsuitableModel: the two are not of one shape; the message names the first difference.
    """
    require_onnx("blending generators")
    import onnx

    result, other = (
        _untangled(onnx.load_model_from_string(read_onnx(path).model)) for path in (first, second)
    )
    names = (first.name, second.name)
    for mine, theirs in _pairs(result.graph, other.graph, names):
        _mix(mine, theirs, alpha, names)
    return to_bytes(result, first)


def _untangled(model: ModelProto) -> ModelProto:
    """The model with weights of its own for every place where weights are used.

    Exporters let equal weights, such as biases of zero, share one tensor; in the other generator they differ.
    """
    graph = model.graph
    if has_inner_graphs(graph):
        # What an inner graph uses can't be told from outside.
        return model
    weights = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Identity" and node.input[0] in weights:
            weights[node.output[0]] = weights[node.input[0]]
    kept = [node for node in graph.node if node.op_type != "Identity" or node.input[0] not in weights]
    own = [_own_weight(weights, node, place) for node in kept for place in range(len(node.input))]
    given = [value for value in graph.input if value.name not in weights]
    del graph.node[:], graph.initializer[:], graph.value_info[:], graph.input[:]
    graph.node.extend(kept)
    graph.input.extend(given)
    graph.initializer.extend(tensor for tensor in own if tensor is not None)
    return model


def _own_weight(weights: dict[str, TensorProto], node: NodeProto, place: int) -> TensorProto | None:
    """A copy of the weight that a node takes at a place, which it takes from now on; None for no weight."""
    import onnx

    found = weights.get(node.input[place])
    if found is None:
        return None
    copy = onnx.TensorProto()
    copy.CopyFrom(found)
    copy.name = f"{node.output[0]}:{place}"
    node.input[place] = copy.name
    return copy


def _pairs(
    first: GraphProto, second: GraphProto, names: tuple[str, str]
) -> Iterator[tuple[TensorProto, TensorProto]]:
    """The weights of two untangled graphs that stand in one place.

    Raises:
        UnsuitableModel: the graphs differ.
    """
    if len(first.node) != len(second.node):
        raise _difference(names, f"{len(first.node)} operators", f"{len(second.node)}")
    weights = [{tensor.name: tensor for tensor in graph.initializer} for graph in (first, second)]
    known = dict(zip(_taken(first), _taken(second), strict=False))
    for index, (mine, theirs) in enumerate(zip(first.node, second.node, strict=True), start=1):
        place = f"operator {index}"
        if (mine.domain, mine.op_type) != (theirs.domain, theirs.op_type):
            raise _difference(names, f"{place} {mine.op_type}", theirs.op_type)
        yield from _attribute_pairs(mine, theirs, f"{place} {mine.op_type}", names)
        if len(mine.input) != len(theirs.input) or len(mine.output) != len(theirs.output):
            raise _difference(names, f"{place} {mine.op_type} with other inputs", "such an operator")
        for left, right in zip(mine.input, theirs.input, strict=True):
            if left in weights[0] and right in weights[1]:
                yield weights[0][left], weights[1][right]
            elif known.get(left) != right:
                raise _difference(names, f"{place} {mine.op_type} on {left or 'nothing'}", right or "nothing")
        known.update(zip(mine.output, theirs.output, strict=True))


def _taken(graph: GraphProto) -> list[str]:
    return ["", *(value.name for value in graph.input)]


def _attribute_pairs(
    mine: NodeProto, theirs: NodeProto, place: str, names: tuple[str, str]
) -> Iterator[tuple[TensorProto, TensorProto]]:
    """The tensors in the attributes of two operators; all other attributes have to be equal."""
    left, right = ({each.name: each for each in node.attribute} for node in (mine, theirs))
    for name in sorted({*left, *right}):
        if name not in left or name not in right:
            raise _difference(names, f"{place} {'with' if name in left else 'without'} {name}", "not so")
        if left[name].HasField("t") and right[name].HasField("t"):
            yield left[name].t, right[name].t
        elif _plain(left[name]) != _plain(right[name]):
            raise _difference(names, f"{place} with {_shown(left[name])}", _shown(right[name]))


def _plain(attribute: AttributeProto) -> bytes:
    content: bytes = attribute.SerializeToString(deterministic=True)
    return content


def _shown(attribute: AttributeProto) -> str:
    from onnx import helper

    return f"{attribute.name} {helper.get_attribute_value(attribute)}"


def _mix(mine: TensorProto, theirs: TensorProto, alpha: float, names: tuple[str, str]) -> None:
    """Put the weights between two tensors into the first."""
    from onnx import numpy_helper

    left, right = numpy_helper.to_array(mine), numpy_helper.to_array(theirs)
    if left.shape != right.shape or left.dtype != right.dtype:
        raise _difference(names, f"{mine.name} of {_kind(left)}", _kind(right))
    if not np.issubdtype(left.dtype, np.floating):
        if not np.array_equal(left, right):
            raise _difference(names, f"other integers in {mine.name}", "its own")
        return
    mixed = (1 - alpha) * left.astype(np.float64) + alpha * right.astype(np.float64)
    name = mine.name
    mine.CopyFrom(numpy_helper.from_array(mixed.astype(left.dtype), name))


def _kind(array: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> str:
    sides = "x".join(map(str, array.shape)) or "one number"
    return f"{sides} {array.dtype}"


def _difference(names: tuple[str, str], mine: str, theirs: str) -> UnsuitableModel:
    return UnsuitableModel(
        f"{names[0]} and {names[1]} are not of one shape: {names[0]} has {mine}, {names[1]} has {theirs}"
    )
