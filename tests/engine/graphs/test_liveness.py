"""How many values live at once, on graphs that are small enough to count by hand."""

from __future__ import annotations

import itertools
import math

import onnx
import pytest
from onnx import TensorProto, helper

from srcli.engine.graphs.graph import read_graph
from srcli.engine.graphs.liveness import most_live_values


def live(tmp_path, nodes, *, weights=(), constants=(), channels=3):
    """The most values of a graph from ``input`` to ``output``."""
    initialisers = [
        *(
            helper.make_tensor(name, TensorProto.FLOAT, shape, bytes(4 * size(shape)), raw=True)
            for name, shape in weights
        ),
        *(helper.make_tensor(name, kind, [len(numbers)], numbers) for name, kind, numbers in constants),
    ]
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, channels, "h", "w"])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, None, "H", "W"])],
        initialisers,
    )
    onnx.save(helper.make_model(graph), tmp_path / "graph.onnx")
    return most_live_values(read_graph(tmp_path / "graph.onnx"), channels)


def size(shape):
    count = 1
    for side in shape:
        count *= side
    return count


def node(kind, inputs, output, **attributes):
    return helper.make_node(kind, inputs.split(), [output], **attributes)


def test_a_stack_holds_two_layers(tmp_path):
    nodes = [node("Conv", "input a", "x"), node("Conv", "x b", "y"), node("Conv", "y c", "output")]
    weights = [("a", (20, 3, 3, 3)), ("b", (24, 20, 3, 3)), ("c", (5, 24, 3, 3))]
    assert live(tmp_path, nodes, weights=weights) == 20 + 24


def test_a_skip_stays_until_it_is_added(tmp_path):
    nodes = [
        node("Conv", "input a", "x"),
        node("Conv", "x b", "y"),
        node("Relu", "y", "z"),
        node("Conv", "z b", "w"),
        node("Add", "x w", "output"),
    ]
    # The skip, what the last convolution reads, and what it makes; ReLU writes over its input.
    assert live(tmp_path, nodes, weights=[("a", (8, 3, 3, 3)), ("b", (8, 8, 3, 3))]) == 24


def test_pixel_shuffle_and_strides_change_the_area(tmp_path):
    nodes = [
        node("Conv", "input a", "x", strides=[2, 2]),
        node("ConvTranspose", "x b", "y", strides=[4, 4]),
        node("DepthToSpace", "y", "output", blocksize=2),
    ]
    # 16 channels on a quarter of the area; 12 channels on 4 times the area, there and shuffled.
    assert live(tmp_path, nodes, weights=[("a", (16, 3, 3, 3)), ("b", (16, 12, 4, 4))]) == 48 + 48


def test_enlarging_and_joining(tmp_path):
    nodes = [node("Resize", "input none scales", "x"), node("Concat", "x x", "output", axis=1)]
    scales = [("scales", TensorProto.FLOAT, [1, 1, 3, 3])]
    assert live(tmp_path, nodes, constants=scales, weights=[("none", (0,))]) == 27 + 54


@pytest.mark.parametrize(
    ("start", "stop", "kept"),
    [(0, 1, 1), (1, 99, 2), (-2, 3, 2), (1, 2**63 - 1, 2), (-(2**63), 2**63 - 1, 3)],
)
def test_a_slice_of_channels_is_as_large_as_they_are(start, stop, kept, tmp_path):
    nodes = [node("Slice", "input start stop axis", "x"), node("Conv", "x a", "output")]
    numbers = {"start": start, "stop": stop, "axis": 1}
    constants = [(name, TensorProto.INT64, [number]) for name, number in numbers.items()]
    assert live(tmp_path, nodes, constants=constants, weights=[("a", (9, kept, 1, 1))]) == kept + 9


def test_a_slice_of_more_channels_than_machines_can_count(tmp_path):
    """Shapes that are joined in a deep transformer look like maps that double each time."""
    names = ["input", *(f"x{index}" for index in range(1100))]
    nodes = [node("Concat", f"{name} {name}", made, axis=1) for name, made in itertools.pairwise(names)]
    nodes.append(node("Slice", f"{names[-1]} start stop axis", "output"))
    numbers = {"start": 0, "stop": 2**63 - 1, "axis": 1}
    constants = [(name, TensorProto.INT64, [number]) for name, number in numbers.items()]
    assert live(tmp_path, nodes, constants=constants) == math.inf


def test_sizes_take_no_room_however_they_are_joined(tmp_path):
    nodes = [
        node("Shape", "input", "s"),
        node("Concat", "s s", "t", axis=0),
        node("Reshape", "input t", "x"),
        node("Relu", "x", "output"),
    ]
    assert live(tmp_path, nodes) == 3


def test_what_is_enlarged_to_a_computed_size_is_as_large_as_the_largest_map(tmp_path):
    nodes = [
        node("Shape", "input", "s"),
        node("Conv", "input a", "x", strides=[2, 2]),
        node("Resize", "x none none s", "y"),
        node("Add", "y input", "output"),
    ]
    # 8 channels on a quarter of the area, then on all of it, beside the input.
    weights = [("a", (8, 3, 3, 3)), ("none", (0,))]
    assert live(tmp_path, nodes, weights=weights) == 3 + 2 + 8


def test_the_largest_map_is_taken_to_be_doubled_by_a_computed_size(tmp_path):
    nodes = [node("Shape", "input", "s"), node("Resize", "input none none s", "output")]
    assert live(tmp_path, nodes, weights=[("none", (0,))]) == 3 + 12
