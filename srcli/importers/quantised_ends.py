"""The ends of quantised networks whose bytes are no levels of pictures, but have a scale and a zero besides.

Such a file gives 12 for black, say, and 243 for white. What its first and last operator do is left out, so
that the network takes and gives numbers as it means them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt
    from onnx import GraphProto, ModelProto, NodeProto, ValueInfoProto

LEVEL = 1 / 255
NEAR = 0.005
"""How far a scale may be from a level of 8 bits, as a share of it."""


def open_ends(model: ModelProto) -> None:
    """Let a quantised network take and give floats where its bytes are no levels of pictures."""
    import onnx

    graph = model.graph
    for node, value in _ends(graph):
        scale, zero = _numbers(graph, node.input[1]), _numbers(graph, node.input[2])
        is_byte = value.type.tensor_type.elem_type == onnx.TensorProto.UINT8
        if scale is None or zero is None or scale.size != 1 or zero.size != 1:
            continue
        if is_byte and int(zero.item()) == 0 and abs(float(scale.item()) / LEVEL - 1) <= NEAR:
            continue
        node.op_type = "Identity"
        del node.input[1:], node.attribute[:]
        value.type.tensor_type.elem_type = onnx.TensorProto.FLOAT


def _ends(graph: GraphProto) -> Iterator[tuple[NodeProto, ValueInfoProto]]:
    """The operators that alone read the only input, or make the only output, of bytes."""
    constants = {each.name for each in graph.initializer}
    inputs = [value for value in graph.input if value.name not in constants]
    if len(inputs) != 1 or len(graph.output) != 1:
        return
    readers = [node for node in graph.node if inputs[0].name in node.input]
    makers = [node for node in graph.node if graph.output[0].name in node.output]
    read = any(graph.output[0].name in node.input for node in graph.node)
    if len(readers) == 1 and _is(readers[0], "DequantizeLinear"):
        yield readers[0], inputs[0]
    if len(makers) == 1 and _is(makers[0], "QuantizeLinear") and not read:
        yield makers[0], graph.output[0]


def _is(node: NodeProto, kind: str) -> bool:
    """Whether an operator is of a kind, and told its zero."""
    return node.op_type == kind and len(node.input) == 3 and bool(node.input[2])


def _numbers(graph: GraphProto, name: str) -> npt.NDArray[Any] | None:
    """The numbers of a constant."""
    from onnx import numpy_helper

    made = (node for node in graph.node if node.op_type == "Constant" and name in node.output)
    held = (each.t for node in made for each in node.attribute if each.HasField("t"))
    given = (tensor for tensor in graph.initializer if tensor.name == name)
    tensor = next(iter((*given, *held)), None)
    return None if tensor is None else numpy_helper.to_array(tensor)
