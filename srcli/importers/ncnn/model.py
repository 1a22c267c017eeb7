"""Graphs as ONNX files. The onnx package is used here only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from srcli.importers.ncnn.graph import INPUT, OUTPUT

if TYPE_CHECKING:
    from srcli.importers.ncnn.graph import Graph, Node

OPSET = 18
IR_VERSION = 9
"""The oldest that knows the opset, so that every runtime that can run the file also opens it."""


def serialised(graph: Graph, channels: int = 3) -> bytes:
    """An ONNX model from ``input`` to ``output``, float32 (batch, channels, height, width)."""
    inputs: list[int | str | None] = ["batch", channels, "height", "width"]
    outputs: list[int | str | None] = ["batch", channels, "enlarged_height", "enlarged_width"]
    contents = helper.make_graph(
        [_node(node) for node in graph.nodes],
        "generator",
        [helper.make_tensor_value_info(INPUT, onnx.TensorProto.FLOAT, inputs)],
        [helper.make_tensor_value_info(OUTPUT, onnx.TensorProto.FLOAT, outputs)],
        [
            numpy_helper.from_array(np.ascontiguousarray(value), name)
            for name, value in graph.constants.items()
        ],
    )
    opsets = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(contents, opset_imports=opsets, ir_version=IR_VERSION, producer_name="srcli")
    return bytes(model.SerializeToString())


def _node(node: Node) -> onnx.NodeProto:
    """An operation, named after its output."""
    words: dict[str, Any] = dict(node.attributes)
    return helper.make_node(node.kind, node.inputs, node.outputs, name=node.outputs[0], **words)
