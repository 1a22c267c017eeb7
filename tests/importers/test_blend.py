"""Interpolating the weights of two generators."""

from __future__ import annotations

import dataclasses

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from srcli.core.errors import MissingExtra, UnsuitableModel
from srcli.importers import onnx_file
from srcli.importers.blend import blend
from tests import tiny_models


@pytest.fixture
def two(tmp_path):
    """Two generators of one shape."""
    return tuple(tiny_models.deep(tmp_path / f"{name}.onnx", seed=name == "b") for name in "ab")


def weights(content):
    """All weights of a generator, by the operator and the place where they are used."""
    graph = onnx.load_model_from_string(content).graph
    known = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    return {
        (index, place): known[name]
        for index, node in enumerate(graph.node)
        for place, name in enumerate(node.input)
        if name in known
    }


def change(path, edit):
    model = onnx.load(path)
    edit(model.graph)
    path.write_bytes(model.SerializeToString())
    return path


@pytest.mark.parametrize("alpha", [0.0, 0.25, 0.6, 1.0])
def test_every_weight_lies_on_the_line(alpha, two):
    left, right = (weights(path.read_bytes()) for path in two)
    found = weights(blend(*two, alpha))
    assert found.keys() == left.keys()
    for key, weight in found.items():
        mixed = (1 - alpha) * left[key].astype(np.float64) + alpha * right[key].astype(np.float64)
        np.testing.assert_array_equal(weight, mixed.astype(np.float32))


def test_names_in_the_graph_do_not_matter(two):
    def rename(graph):
        new = {tensor.name: f"other_{tensor.name}" for tensor in graph.initializer}
        for tensor in graph.initializer:
            tensor.name = new[tensor.name]
        for node in graph.node:
            node.input[:] = [new.get(name, name) for name in node.input]

    expected = weights(blend(*two, 0.5))
    found = weights(blend(two[0], change(two[1], rename), 0.5))
    assert all(np.array_equal(found[key], weight) for key, weight in expected.items())


def test_weights_that_one_of_them_shares(two):
    def share(graph):
        """Let the second bias be the first, by way of an Identity, as exporters write equal weights."""
        graph.initializer.remove(next(each for each in graph.initializer if each.name == "bias1"))
        graph.node.insert(0, helper.make_node("Identity", ["bias0"], ["bias1"]))

    left, right = (weights(path.read_bytes()) for path in two)
    found = weights(blend(change(two[0], share), two[1], 0.5))
    assert found.keys() == left.keys()
    first, second = (
        key for key, weight in left.items() if weight.ndim == 1 and len(weight) == 8 and key[0] < 3
    )
    np.testing.assert_allclose(found[second], (left[first] + right[second]) / 2, atol=1e-7)


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (
            lambda graph: setattr(graph.node[1], "op_type", "Sigmoid"),
            "a.onnx has operator 2 Relu, b.onnx has S",
        ),
        (
            lambda graph: graph.node[0].attribute[0].ints.__setitem__(0, 2),
            "has operator 1 Conv with pads",
        ),
        (
            lambda graph: graph.node[0].attribute.add(name="group", i=1, type=2),
            "has operator 1 Conv without group",
        ),
        (
            lambda graph: graph.node[2].input.__setitem__(0, "conv0"),
            "3 Conv on relu0, b.onnx has conv0",
        ),
        (lambda graph: graph.node.pop(), "a.onnx has 14 operators, b.onnx has 13"),
    ],
)
def test_the_first_difference_is_named(edit, reason, two, monkeypatch):
    from srcli.importers import blend as blending

    # The graphs below could not run; what is tested is which difference is found.
    monkeypatch.setattr(
        blending, "read_onnx", lambda path: dataclasses.make_dataclass("Read", ["model"])(path.read_bytes())
    )
    change(two[1], edit)
    with pytest.raises(UnsuitableModel, match=reason) as caught:
        blend(*two, 0.5)
    assert "not of one shape" in caught.value.message


def test_other_widths(tmp_path):
    one, other = (tiny_models.deep(tmp_path / f"{width}.onnx", width=width) for width in (8, 9))
    with pytest.raises(UnsuitableModel, match=r"has .* of 8x3x3x3 float32, 9\.onnx has 9x3x3x3 f"):
        blend(one, other, 0.5)


def test_other_scales(tmp_path):
    one, other = (tiny_models.deep(tmp_path / f"{scale}.onnx", scale) for scale in (2, 3))
    with pytest.raises(UnsuitableModel, match="not of one shape"):
        blend(one, other, 0.5)


def test_integers_have_to_be_equal(tmp_path):
    def with_integer(name, value):
        def edit(graph):
            graph.initializer.append(numpy_helper.from_array(np.array([value], np.int64), "whole"))
            graph.node.append(helper.make_node("Unsqueeze", ["output", "whole"], ["aside"]))

        return change(tiny_models.deep(tmp_path / name), edit)

    one, other = with_integer("1.onnx", 0), with_integer("2.onnx", 1)
    assert blend(one, one, 0.5)
    with pytest.raises(UnsuitableModel, match="has other integers in"):
        blend(one, other, 0.5)


def test_without_the_onnx_package(two, monkeypatch):
    monkeypatch.setattr(onnx_file, "find_spec", lambda _: None)
    with pytest.raises(MissingExtra, match="blending generators"):
        blend(*two, 0.5)
