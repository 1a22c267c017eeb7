"""The upper bound of a generator's reach that its graph tells."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from srcli.engine.graphs.graph import read_graph
from srcli.engine.graphs.receptive_bound import receptive_bound
from srcli.engine.probing.probe import probe_model
from tests import tiny_models
from tests.tiny_models import DEEP_REACH


def bound_of(tmp_path, nodes, weights=(), scale=2, kernels=()):
    """The bound of a graph from ``input`` to ``output``; kernels are (name, rows, columns)."""
    weights = [numpy_helper.from_array(np.asarray(value), name) for name, value in weights]
    for name, rows, columns in kernels:
        weights.append(numpy_helper.from_array(np.zeros((3, 3, rows, columns), np.float32), name))
    axes = ((name, ("n", 3, side, side)) for name, side in (("input", "s"), ("output", "S")))
    given, made = (helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in axes)
    graph = helper.make_graph(nodes, "graph", [given], [made], weights)
    path = tmp_path / "graph.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path)
    return receptive_bound(read_graph(path), scale)


def enlarged(source, mode="nearest", way="asymmetric"):
    words = {"mode": mode, "coordinate_transformation_mode": way}
    if mode == "nearest":
        words["nearest_mode"] = "floor"
    return helper.make_node("Resize", [source, "", "factors"], ["output"], **words)


FACTORS = ("factors", np.array([1, 1, 2, 2], np.float32))


def test_every_convolution_adds_what_it_looks_at(tmp_path):
    path = tiny_models.deep(tmp_path / "deep.onnx", 3)
    assert receptive_bound(read_graph(path), 3) == DEEP_REACH


def test_nearest_neighbour_looks_at_one_pixel(tmp_path):
    assert bound_of(tmp_path, [enlarged("input")], [FACTORS]) == 0


@pytest.mark.parametrize(("mode", "least", "most"), [("linear", 1, 2), ("cubic", 2, 3)])
def test_interpolation_looks_at_its_neighbours(mode, least, most, tmp_path):
    found = bound_of(tmp_path, [enlarged("input", mode, "half_pixel")], [FACTORS])
    assert least <= found <= most


def test_dilation_and_oblong_kernels_count(tmp_path):
    first = helper.make_node("Conv", ["input", "wide"], ["made"], pads=[0, 6, 0, 6], dilations=[1, 3])
    assert bound_of(tmp_path, [first, enlarged("made")], [FACTORS], kernels=[("wide", 1, 5)]) == 6


def test_strides_make_what_follows_look_farther(tmp_path):
    nodes = [
        helper.make_node("SpaceToDepth", ["input"], ["folded"], blocksize=2),
        helper.make_node("Conv", ["folded", "kernel"], ["made"], pads=[1] * 4),
        helper.make_node("DepthToSpace", ["made"], ["unfolded"], blocksize=2),
        enlarged("unfolded"),
    ]
    assert bound_of(tmp_path, nodes, [FACTORS], kernels=[("kernel", 3, 3)]) == 3


def test_the_farther_of_two_branches_counts(tmp_path):
    nodes = [
        helper.make_node("Conv", ["input", "kernel"], ["near"], pads=[1] * 4),
        helper.make_node("Conv", ["near", "kernel"], ["far"], pads=[1] * 4),
        helper.make_node("Add", ["near", "far"], ["sum"]),
        enlarged("sum"),
    ]
    assert bound_of(tmp_path, nodes, [FACTORS], kernels=[("kernel", 3, 3)]) == 2


def test_maps_of_unequal_steps_tell_nothing(tmp_path):
    nodes = [
        helper.make_node("MaxPool", ["input"], ["small"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Add", ["input", "small"], ["sum"]),
        enlarged("sum"),
    ]
    assert bound_of(tmp_path, nodes, [FACTORS]) is None


@pytest.mark.parametrize("build", [tiny_models.pooled, tiny_models.attention, tiny_models.size_inside])
def test_other_operators_tell_nothing(build, tmp_path):
    assert receptive_bound(read_graph(build(tmp_path / "graph.onnx")), 2) is None


@pytest.mark.parametrize("build", [tiny_models.deep, tiny_models.grey, tiny_models.pairs_of_pixels])
def test_what_is_measured_lies_within_the_bound(build, tmp_path):
    traits = probe_model(build(tmp_path / "graph.onnx"))
    assert traits.receptive_field <= traits.bound <= traits.receptive_field + 1
