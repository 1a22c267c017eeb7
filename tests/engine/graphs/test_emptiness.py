"""Telling whether a graph can leave an empty map of a small picture."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from srcli.engine.graphs.emptiness import never_empties, window_too_large
from srcli.engine.graphs.graph import read_graph
from tests import tiny_models


def graph_of(folder, *nodes, **constants):
    """A graph that ends in a convolution, which divides by the size of what it is given."""
    weights = {"kernel": np.zeros((3, 3, 3, 3), np.float32)} | constants
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [*nodes, helper.make_node("Conv", ["last", "kernel"], ["output"], pads=[1] * 4)],
        "graph",
        [value("input", TensorProto.FLOAT, ["n", 3, "h", "w"])],
        [value("output", TensorProto.FLOAT, ["n", 3, "H", "W"])],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in weights.items()],
    )
    path = folder / "graph.onnx"
    onnx.save(helper.make_model(graph), path)
    return read_graph(path)


@pytest.mark.parametrize(
    ("kind", "inputs", "words", "keeps"),
    [
        ("Relu", [], {}, True),
        ("Conv", ["kernel"], {"pads": [1] * 4}, True),
        ("Conv", ["kernel"], {"pads": [1] * 4, "strides": [2, 2]}, True),
        ("Conv", ["kernel"], {"auto_pad": "SAME_UPPER"}, True),
        ("Conv", ["kernel"], {}, False),
        ("Conv", ["kernel"], {"auto_pad": "VALID"}, False),
        ("Conv", ["kernel"], {"pads": [1] * 4, "dilations": [2, 2]}, False),
        ("Conv", ["pixel"], {}, True),
        ("ConvTranspose", ["kernel"], {"strides": [2, 2], "pads": [1] * 4}, True),
        ("ConvTranspose", ["kernel"], {"strides": [2, 2], "pads": [3] * 4}, False),
        ("MaxPool", [], {"kernel_shape": [7, 7], "strides": [3, 3]}, False),
        ("AveragePool", [], {"kernel_shape": [1, 1], "strides": [3, 3]}, True),
        ("Resize", ["", "twice"], {}, True),
        ("Resize", ["", "halves"], {}, False),
        ("Resize", ["", "", "unknown"], {}, False),
        ("Pad", ["more"], {"mode": "reflect"}, True),
        ("Pad", ["less"], {}, False),
        ("Slice", ["unknown", "unknown"], {}, False),
        ("NobodyKnows", [], {}, False),
    ],
)
def test_operators(kind, inputs, words, keeps, tmp_path):
    constants = {
        "pixel": np.zeros((3, 3, 1, 1), np.float32),
        "twice": np.array([1, 1, 2, 2], np.float32),
        "halves": np.array([1, 1, 0.5, 0.5], np.float32),
        "more": np.array([0, 0, 1, 1, 0, 0, 1, 1]),
        "less": np.array([0, 0, -1, -1, 0, 0, -1, -1]),
    }
    node = helper.make_node(kind, ["input", *inputs], ["last"], **words)
    assert never_empties(graph_of(tmp_path, node, **constants)) == keeps


def test_what_comes_last_may_cut(tmp_path):
    graph = tmp_path / "deep.onnx"
    tiny_models.deep(graph)
    model = onnx.load(graph)
    model.graph.node.append(helper.make_node("Slice", ["output", "starts", "ends"], ["cut"]))
    model.graph.output[0].name = "cut"
    onnx.save(model, graph)
    assert never_empties(read_graph(graph))


@pytest.mark.parametrize("build", ["attention", "endless"])
def test_networks_that_can_not_be_told(build, tmp_path):
    assert not never_empties(read_graph(getattr(tiny_models, build)(tmp_path / "model.onnx")))


def test_numbers_in_every_form(tmp_path):
    floats = helper.make_tensor("floats", TensorProto.FLOAT, [2], [0.5, 2])
    integers = helper.make_tensor("integers", TensorProto.INT64, [2], [-3, 7])
    node = helper.make_node("Some", ["input", "floats", "integers", "held"], ["last"])
    value = numpy_helper.from_array(np.array([1, 2, 3]), "value")
    held = helper.make_node("Constant", [], ["held"], value=value)
    graph = graph_of(tmp_path, held, node)
    model = onnx.load(tmp_path / "graph.onnx")
    model.graph.initializer.extend([floats, integers])
    onnx.save(model, tmp_path / "graph.onnx")
    graph = read_graph(tmp_path / "graph.onnx")
    found = [graph.numbers(graph.operators[1], position) for position in range(5)]
    assert found == [None, (0.5, 2.0), (-3, 7), (1, 2, 3), None]


@pytest.mark.parametrize(
    ("pads", "wrong"),
    [([0] * 4, "Conv squeezed"), ([1] * 4, None)],
)
def test_a_window_on_the_mean_of_a_picture(pads, wrong, tmp_path):
    nodes = (
        helper.make_node("GlobalAveragePool", ["input"], ["mean"]),
        helper.make_node("Relu", ["mean"], ["positive"]),
        helper.make_node("Conv", ["positive", "kernel"], ["squeezed"], pads=pads),
        helper.make_node("Mul", ["input", "squeezed"], ["last"]),
    )
    assert window_too_large(graph_of(tmp_path, *nodes)) == wrong
