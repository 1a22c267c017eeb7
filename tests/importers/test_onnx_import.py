"""Reading ONNX files of any origin."""

from __future__ import annotations

import contextlib

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from srcli.core.errors import DamagedModel, MissingExtra, SrcliError, UnknownModel, UnsuitableModel
from srcli.importers import onnx_file
from srcli.importers.onnx_file import NEWEST_IR, TARGET_OPSET, read_onnx
from tests import tiny_models


@pytest.fixture
def tiny(tmp_path):
    """A small generator, and its model."""
    path = tiny_models.deep(tmp_path / "tiny.onnx")
    return path, onnx.load(path)


def read_back(path):
    return onnx.load_model_from_string(read_onnx(path).model)


def write_with_weights_outside(path, location):
    """A generator whose first kernel lies in another file."""
    model = onnx.load(tiny_models.deep(path))
    tensor = next(each for each in model.graph.initializer if each.name == "kernel0")
    weights = numpy_helper.to_array(tensor)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", "0"), ("length", str(weights.nbytes))):
        tensor.external_data.add(key=key, value=value)
    path.write_bytes(model.SerializeToString())
    return weights


def test_a_sound_file_is_taken_as_it_is(tiny):
    path, model = tiny
    converted = read_onnx(path)
    assert onnx.load_model_from_string(converted.model) == model
    assert (converted.name, converted.licence, converted.source) == ("tiny", "unknown", "tiny.onnx")


def test_an_old_operator_set_is_raised(tmp_path):
    kernel = np.zeros((12, 3, 1, 1), np.float32)
    kernel[np.arange(12), np.arange(12) % 3] = 1
    nodes = [
        helper.make_node("Conv", ["input", "kernel"], ["planes"]),
        helper.make_node("DepthToSpace", ["planes"], ["output"], blocksize=2),
    ]
    axes = (1, 3, 20, 24)
    graph = helper.make_graph(
        nodes,
        "old",
        [
            helper.make_tensor_value_info("input", TensorProto.FLOAT, axes),
            helper.make_tensor_value_info("kernel", TensorProto.FLOAT, kernel.shape),
        ],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, (1, 3, 40, 48))],
        [numpy_helper.from_array(kernel, "kernel")],
    )
    old = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 6)], ir_version=3)
    (tmp_path / "old.onnx").write_bytes(old.SerializeToString())
    assert read_back(tmp_path / "old.onnx").opset_import[0].version == TARGET_OPSET


def test_a_new_version_of_the_file_format_is_lowered(tiny):
    path, model = tiny
    model.ir_version = NEWEST_IR + 2
    path.write_bytes(model.SerializeToString())
    assert read_back(path).ir_version == NEWEST_IR


def test_weights_in_a_file_beside_are_taken_in(tmp_path):
    weights = write_with_weights_outside(tmp_path / "tiny.onnx", "tiny.data")
    (tmp_path / "tiny.data").write_bytes(weights.tobytes())
    model = read_back(tmp_path / "tiny.onnx")
    tensor = next(each for each in model.graph.initializer if each.name == "kernel0")
    np.testing.assert_array_equal(numpy_helper.to_array(tensor), weights)
    assert not tensor.external_data


@pytest.mark.parametrize("where", ["../secret", "/etc/passwd", "a/b", "..", "", "a\\b", "\0", "link"])
def test_weights_elsewhere_are_refused(where, tmp_path):
    folder = tmp_path / "models"
    folder.mkdir()
    (tmp_path / "secret").write_bytes(b"\0" * 10_000)
    (folder / "link").symlink_to(tmp_path / "secret")
    write_with_weights_outside(folder / "tiny.onnx", where)
    with pytest.raises(UnsuitableModel, match="not a file beside it"):
        read_onnx(folder / "tiny.onnx")


def test_missing_weights(tmp_path):
    write_with_weights_outside(tmp_path / "tiny.onnx", "tiny.data")
    with pytest.raises(DamagedModel, match=r"weights of .* are missing: .*tiny\.data") as caught:
        read_onnx(tmp_path / "tiny.onnx")
    assert caught.value.hint == "put tiny.data beside it"


def test_too_few_weights(tmp_path):
    write_with_weights_outside(tmp_path / "tiny.onnx", "tiny.data")
    (tmp_path / "tiny.data").write_bytes(b"\0" * 10)
    with pytest.raises(DamagedModel):
        read_onnx(tmp_path / "tiny.onnx")


def test_an_operator_of_somebody_else_is_named(tiny):
    path, model = tiny
    model.graph.node[0].domain = "com.example"
    model.opset_import.append(helper.make_opsetid("com.example", 1))
    path.write_bytes(model.SerializeToString())
    with pytest.raises(UnsuitableModel, match=r"needs the operator com\.example\.Conv"):
        read_onnx(path)


def test_a_broken_graph(tiny):
    path, model = tiny
    del model.graph.node[0]
    path.write_bytes(model.SerializeToString())
    with pytest.raises(DamagedModel, match=r"the graph in .* is broken"):
        read_onnx(path)


def test_operators_in_another_order(tmp_path):
    path = tiny_models.attention(tmp_path / "attention.onnx")
    model = onnx.load(path)
    expected = [node.output[0] for node in model.graph.node]
    turned = [onnx.NodeProto.FromString(node.SerializeToString()) for node in reversed(model.graph.node)]
    del model.graph.node[:]
    model.graph.node.extend(turned)
    path.write_bytes(model.SerializeToString())
    made = onnx.load_model_from_string(read_onnx(path).model)
    names = [node.output[0] for node in made.graph.node]
    assert sorted(names) == sorted(expected)
    onnx.checker.check_model(made)


def test_operators_that_wait_for_what_a_loop_takes_from_outside(tmp_path):
    path = tiny_models.endless(tmp_path / "endless.onnx")
    model = onnx.load(path)
    turned = [onnx.NodeProto.FromString(node.SerializeToString()) for node in reversed(model.graph.node)]
    del model.graph.node[:]
    model.graph.node.extend(turned)
    path.write_bytes(model.SerializeToString())
    onnx.checker.check_model(onnx.load_model_from_string(read_onnx(path).model))


def test_operators_that_wait_for_one_another_are_a_broken_graph(tiny):
    path, model = tiny
    model.graph.node[0].input[0] = model.graph.node[-1].output[0]
    path.write_bytes(model.SerializeToString())
    with pytest.raises(DamagedModel, match="is broken"):
        read_onnx(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(UnknownModel, match="cannot read"):
        read_onnx(tmp_path / "none.onnx")


def test_a_file_too_large_is_not_read(tiny, monkeypatch):
    monkeypatch.setattr(onnx_file, "LARGEST_BYTES", 100)
    with pytest.raises(UnsuitableModel, match="more than 2 GiB"):
        read_onnx(tiny[0])


def test_without_the_onnx_package(tiny, monkeypatch):
    monkeypatch.setattr(onnx_file, "find_spec", lambda _: None)
    with pytest.raises(MissingExtra) as caught:
        read_onnx(tiny[0])
    assert caught.value.hint == "pip install '.[import]' in a copy of srcli's repository"


def survive(content, path):
    path.write_bytes(content)
    with contextlib.suppress(SrcliError):
        assert read_onnx(path).model


FEW = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FEW
@given(content=st.binary(max_size=400))
def test_any_bytes_are_survived(content, tmp_path):
    survive(content, tmp_path / "any.onnx")


@FEW
@given(data=st.data())
def test_any_damage_is_survived(data, tmp_path):
    content = bytearray(tiny_models.deep(tmp_path / "whole.onnx", 2, 2, 4).read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    survive(bytes(content[: data.draw(st.integers(0, len(content)))]), tmp_path / "damaged.onnx")
