"""PReLU in a form that onnxruntime runs as fast as ReLU, or nearly so, on a CPU.

onnxruntime keeps convolutions, ReLU and sums in a blocked layout and fuses them; for PReLU it leaves that
layout and comes back. Written as ``slope x + (1 - slope) max(x, 0)``, with two depthwise convolutions of one
pixel, everything stays in it: 64 channels x 16 convolutions take five sixths of the time. Both factors are
linear in the slope, so that generators in this form can be blended like any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.importers.onnx_file import has_inner_graphs, require_onnx

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import numpy.typing as npt
    from onnx import GraphProto, NodeProto, TensorProto

    Slopes = npt.NDArray[np.float32]


def spread_prelu(model: bytes) -> bytes:
    """A generator that computes the same, but for rounding, without PReLU after convolutions.

    Args:
        model: a serialised ONNX generator. PReLU with one slope for all channels, or of a type other than
            float32, stays.

    Raises:
        MissingExtra: the onnx package is not installed.
    """
    require_onnx("importing a generator")
    import onnx

    parsed = onnx.load_model_from_string(model)
    graph = parsed.graph
    slopes = dict(_slopes_after_convolutions(graph))
    # What an inner graph uses can't be told from outside.
    if not slopes or has_inner_graphs(graph):
        return model
    nodes = [part for node in graph.node for part in _spread(graph, node, slopes.get(node.output[0]))]
    del graph.node[:]
    graph.node.extend(nodes)
    _drop_unused_weights(graph)
    content: bytes = parsed.SerializeToString()
    return content


def _slopes_after_convolutions(graph: GraphProto) -> Iterator[tuple[str, Slopes]]:
    """The output of each PReLU that follows a convolution, and its slopes (channels,)."""
    import numpy as np
    from onnx import numpy_helper

    weights = {tensor.name: tensor for tensor in graph.initializer}
    makers = {name: node for node in graph.node for name in node.output}
    for node in graph.node:
        if node.op_type != "PRelu" or node.input[1] not in weights:
            continue
        slopes = numpy_helper.to_array(weights[node.input[1]])
        channels = _channels_of(makers.get(node.input[0]), weights)
        if slopes.dtype == np.float32 and channels > 1 and slopes.shape == (channels, 1, 1):
            yield node.output[0], slopes.ravel()


def _channels_of(node: NodeProto | None, weights: dict[str, TensorProto]) -> int:
    """The channels that a two-dimensional convolution gives; 0 for anything else."""
    if node is None or node.op_type != "Conv" or node.input[1] not in weights:
        return 0
    shape = weights[node.input[1]].dims
    return int(shape[0]) if len(shape) == 4 else 0


def _spread(graph: GraphProto, node: NodeProto, slopes: Slopes | None) -> list[NodeProto]:
    """The nodes that take the place of a node; the node itself without slopes."""
    from onnx import helper, numpy_helper

    if slopes is None:
        return [node]
    given, result = node.input[0], node.output[0]
    positive, first, second = (f"{result}/{part}" for part in ("positive", "all", "rest"))
    nodes = [helper.make_node("Relu", [given], [positive])]
    for source, target, factors in ((given, first, slopes), (positive, second, 1 - slopes)):
        weight = f"{target}.weight"
        graph.initializer.append(numpy_helper.from_array(factors.reshape(-1, 1, 1, 1), weight))
        nodes.append(
            helper.make_node("Conv", [source, weight], [target], group=len(factors), kernel_shape=[1, 1])
        )
    return [*nodes, helper.make_node("Add", [first, second], [result])]


def _drop_unused_weights(graph: GraphProto) -> None:
    used = {name for node in graph.node for name in node.input} | {output.name for output in graph.output}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
