"""What is told of a run before it: shapes as onnxruntime finds them, empty maps, memory."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from srcli.engine.graphs.forecast import foresee
from srcli.engine.graphs.graph import read_graph
from srcli.engine.graphs.known_shapes import Known
from srcli.engine.graphs.shape_numbers import computed_numbers
from tests import tiny_models

GIVEN = (1, 8, 13, 22)
NODE = helper.make_node
KERNELS = {
    "kernel": np.zeros((4, 8, 3, 3), np.float32),
    "depthwise": np.zeros((8, 1, 5, 5), np.float32),
    "turned": np.zeros((8, 6, 4, 4), np.float32),
    "matrix": np.zeros((22, 5), np.float32),
    "slope": np.zeros((8, 1, 1), np.float32),
    "factors": np.array([1, 1, 2, 0.3], np.float32),
    "sides": np.array([1, 8, 31, 7], np.int64),
    "pads": np.array([0, 0, 2, 1, 0, 0, 0, 3], np.int64),
    "negative pads": np.array([0, 0, -2, 0, 0, 0, -1, 0], np.int64),
    "two": np.array([2], np.int64),
    "three": np.array([3], np.int64),
    "two and three": np.array([2, 3], np.int64),
    "minus one": np.array([-1], np.int64),
    "end": np.array([2**63 - 1], np.int64),
    "rows": np.array([0, 8, -1], np.int64),
    "eight": np.array([8], np.int64),
}
SIZE_OF_WINDOWS = [
    NODE("Shape", ["input"], ["shape"]),
    NODE("Slice", ["shape", "two", "end"], ["whole"]),
    NODE("Mod", ["whole", "eight"], ["over"]),
    NODE("Sub", ["whole", "over"], ["less"]),
    NODE("Div", ["less", "two"], ["half"]),
    NODE("Gather", ["shape", "two"], ["height"]),
    NODE("Concat", ["eight", "height"], ["joined"], axis=0),
]


def graph_of(folder, nodes, more=KERNELS):
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "graph",
        [value("input", TensorProto.FLOAT, ("n", 8, "h", "w"))],
        [value("output", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(array, name) for name, array in more.items()],
    )
    path = folder / "graph.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8), path)
    return path


def known_of(path, shape=GIVEN):
    """What is known of all values in front of the last one."""
    graph = read_graph(path)
    known = Known(graph, {graph.input: shape})
    from srcli.engine.graphs.forecast import _follow

    for operator in graph.operators:
        _follow(operator, known)
    return known


@pytest.mark.parametrize(
    "node",
    [
        NODE("Relu", ["input"], ["output"]),
        NODE("PRelu", ["input", "slope"], ["output"]),
        NODE("Mul", ["slope", "input"], ["output"]),
        NODE("Conv", ["input", "kernel"], ["output"]),
        NODE("Conv", ["input", "kernel"], ["output"], pads=[1, 0, 2, 3], strides=[3, 2], dilations=[2, 1]),
        NODE("Conv", ["input", "kernel"], ["output"], auto_pad="SAME_UPPER", strides=[2, 3]),
        NODE("Conv", ["input", "kernel"], ["output"], auto_pad="VALID", strides=[2, 3]),
        NODE("Conv", ["input", "depthwise"], ["output"], group=8, pads=[2] * 4),
        NODE("ConvTranspose", ["input", "turned"], ["output"], strides=[2, 3], pads=[1, 0, 1, 2]),
        NODE("ConvTranspose", ["input", "turned"], ["output"], strides=[2, 2], output_padding=[1, 0]),
        NODE("MaxPool", ["input"], ["output"], kernel_shape=[7, 7], strides=[3, 3]),
        NODE("MaxPool", ["input"], ["output"], kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1),
        *(
            NODE("MaxPool", ["input"], ["output"], kernel_shape=[side, 3], strides=[3, 1], ceil_mode=up)
            for side, up in ((15, 0), (15, 1))
        ),
        NODE("AveragePool", ["input"], ["output"], kernel_shape=[2, 2], strides=[2, 2], pads=[1, 0, 0, 0]),
        NODE("GlobalAveragePool", ["input"], ["output"]),
        NODE("ReduceMean", ["input", "two and three"], ["output"]),
        NODE("ReduceSum", ["input", "minus one"], ["output"]),
        NODE("Resize", ["input", "", "factors"], ["output"]),
        NODE("Resize", ["input", "", "", "sides"], ["output"]),
        NODE("Pad", ["input", "pads"], ["output"]),
        NODE("Pad", ["input", "negative pads"], ["output"]),
        NODE("Slice", ["input", "two", "end", "three"], ["output"]),
        NODE("Slice", ["input", "two", "minus one", "two", "three"], ["output"]),
        NODE("DepthToSpace", ["input"], ["output"], blocksize=2),
        NODE("Concat", ["input", "input"], ["output"], axis=-1),
        NODE("Split", ["input"], ["output", "other"], axis=1, num_outputs=2),
        NODE("Reshape", ["input", "rows"], ["output"]),
        NODE("Transpose", ["input"], ["output"], perm=[0, 2, 3, 1]),
        NODE("MatMul", ["input", "matrix"], ["output"]),
    ],
    ids=lambda node: node.op_type,
)
def test_shapes_are_those_that_onnxruntime_makes(tmp_path, node):
    path = graph_of(tmp_path, [node])
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    result = session.run(["output"], {"input": np.zeros(GIVEN, np.float32)})[0]
    assert known_of(path).shapes["output"] == result.shape


def test_sizes_that_a_graph_computes(tmp_path):
    path = graph_of(
        tmp_path,
        [
            *SIZE_OF_WINDOWS,
            NODE("ConstantOfShape", ["half"], ["empty"]),
            NODE("Add", ["input", "slope"], ["output"]),
        ],
    )
    computed = known_of(path).computed
    assert computed["half"] == (4, 8)
    assert computed["joined"] == (8, 13)


def test_weights_that_a_graph_computes(tmp_path):
    nodes = [
        NODE("DequantizeLinear", ["bytes", "step"], ["dequantised"]),
        NODE("Conv", ["input", "dequantised"], ["known"], kernel_shape=[3, 3]),
        NODE("NonZero", ["input"], ["places"]),
        NODE("Conv", ["input", "places"], ["open"], kernel_shape=[3, 3]),
        NODE("Conv", ["open", "kernel"], ["output"], kernel_shape=[3, 3]),
    ]
    more = KERNELS | {"bytes": np.zeros((4, 8, 3, 3), np.uint8), "step": np.float32(0.1)}
    path = graph_of(tmp_path, nodes, more)
    assert known_of(path).shapes == {"input": GIVEN, "known": (1, 4, 11, 20), "dequantised": (4, 8, 3, 3)}
    assert foresee(read_graph(path), GIVEN).wrong is None


def test_what_is_not_told_is_left_open(tmp_path):
    nodes = [
        NODE("NonZero", ["input"], ["places"]),
        NODE("Shape", ["places"], ["shape"]),
        NODE("Resize", ["input", "", "", "shape"], ["resized"]),
        NODE("Add", ["resized", "slope"], ["output"]),
    ]
    known = known_of(graph_of(tmp_path, nodes))
    assert set(known.shapes) == {"input"}
    assert not known.computed
    assert computed_numbers(read_graph(tmp_path / "graph.onnx").operators[1], known) is None


def test_an_empty_map_is_told(tmp_path):
    graph = read_graph(tiny_models.attention(tmp_path / "attention.onnx"))
    small = foresee(graph, (1, 3, 10, 40))
    assert small.empties
    assert small.wrong == "MaxPool pooled1 leaves an empty map of one of 4x19"
    large = foresee(graph, (1, 3, 11, 40))
    assert (large.wrong, large.empties) == (None, False)


def test_numbers_that_no_reshape_arranges(tmp_path):
    graph = read_graph(graph_of(tmp_path, [NODE("Reshape", ["input", "sides"], ["output"])]))
    assert foresee(graph, (1, 8, 7, 31)).wrong is None
    found = foresee(graph, GIVEN)
    assert found.wrong == "Reshape output makes [1, 8, 31, 7] of [1, 8, 13, 22], which differs"
    assert not found.empties


def test_the_memory_of_the_largest_operator(tmp_path):
    nodes = [
        NODE("Conv", ["input", "kernel"], ["less"], pads=[1] * 4),
        NODE("Resize", ["less", "", "factors"], ["more"]),
        NODE("Relu", ["more"], ["output"]),
    ]
    wide = KERNELS | {"factors": np.array([1, 1, 10, 10], np.float32)}
    found = foresee(read_graph(graph_of(tmp_path, nodes, wide)), GIVEN)
    assert found.most_values == 2 * 4 * 130 * 220
    assert found.largest == "Relu output"
