"""Networks that are told a level of noise beside the picture."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from srcli.core.errors import UnsuitableModel
from srcli.engine.inference import ort_session
from srcli.importers.converted import Converted
from srcli.importers.level import build_level_in

FLOAT = TensorProto.FLOAT
LEVEL = 0.25


def value(name, *axes):
    return helper.make_tensor_value_info(name, FLOAT, axes)


def converted(nodes, inputs, outputs, weights=()):
    graph = helper.make_graph(nodes, "told", inputs, outputs, list(weights))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    return Converted("told", model.SerializeToString(), "unknown")


def adds_its_second_input(*axes):
    """The picture plus what it is told."""
    nodes = [helper.make_node("Add", ["input", "level"], ["output"])]
    picture = ("n", 3, "h", "w")
    return converted(nodes, [value("input", *picture), value("level", *axes)], [value("output", *picture)])


def adds_its_last_channel(channels):
    """The first channels plus the last one."""
    index = [np.arange(channels), np.array([channels])]
    weights = [onnx.numpy_helper.from_array(each, f"index{place}") for place, each in enumerate(index)]
    nodes = [
        helper.make_node("Gather", ["input", "index0"], ["picture"], axis=1),
        helper.make_node("Gather", ["input", "index1"], ["level"], axis=1),
        helper.make_node("Add", ["picture", "level"], ["output"]),
    ]
    ends = [value("input", "n", channels + 1, "h", "w")], [value("output", "n", channels, "h", "w")]
    return converted(nodes, *ends, weights)


def run(found, picture):
    onnx.checker.check_model(onnx.load_model_from_string(found.model), full_check=True)
    session = ort_session.create_from_bytes(found.model, ort_session.CPU, name="told")
    (only,) = session.get_inputs()
    return ort_session.run(session, picture), only.shape


@pytest.mark.parametrize(
    "network",
    [
        adds_its_second_input(1),
        adds_its_second_input(),
        adds_its_second_input("n", 1),
        adds_its_second_input(1, 1, 1, 1),
        adds_its_second_input("n", 1, "h", "w"),
        adds_its_last_channel(3),
    ],
)
def test_a_level_is_built_in(network):
    picture = np.random.default_rng(0).random((2, 3, 5, 7), dtype=np.float32)
    found = build_level_in(network, LEVEL, None)
    result, shape = run(found, picture)
    assert shape[1] == 3
    np.testing.assert_allclose(result, picture + LEVEL, rtol=1e-6)
    assert found.architecture == "unknown, told 0.25"


def test_a_level_for_one_plane():
    picture = np.random.default_rng(0).random((1, 1, 5, 7), dtype=np.float32)
    result, shape = run(build_level_in(adds_its_last_channel(1), LEVEL, None), picture)
    assert shape[1] == 1
    np.testing.assert_allclose(result, picture + LEVEL, rtol=1e-6)


@pytest.mark.parametrize(
    ("network", "reason"),
    [
        (adds_its_second_input(1), r"has a second input 'level' of shape \[1\], such as a level of noise"),
        (adds_its_last_channel(3), "takes 4 channels, the last of which may be a level of noise"),
    ],
)
def test_without_a_level_it_is_refused_with_the_reason(network, reason):
    with pytest.raises(UnsuitableModel, match=reason) as caught:
        build_level_in(network, None, None)
    assert "--level 0.06" in caught.value.hint


def plain():
    picture = ("n", 3, "h", "w")
    nodes = [helper.make_node("Identity", ["input"], ["output"])]
    return converted(nodes, [value("input", *picture)], [value("output", *picture)])


def test_one_that_is_told_nothing():
    network = plain()
    assert build_level_in(network, None, None) is network
    with pytest.raises(UnsuitableModel, match="is told no level"):
        build_level_in(network, LEVEL, None)


def test_what_is_found_beside_the_picture_is_left_out():
    nodes = [
        helper.make_node("Identity", ["input"], ["output"]),
        helper.make_node("GlobalAveragePool", ["input"], ["means"]),
        helper.make_node("Flatten", ["means"], ["quality"]),
    ]
    picture = ("n", 3, "h", "w")
    found = build_level_in(
        converted(nodes, [value("input", *picture)], [value("output", *picture), value("quality", "n", 3)]),
        None,
        None,
    )
    assert [each.name for each in onnx.load_model_from_string(found.model).graph.output] == ["output"]
