"""What a person says of an ONNX file."""

from __future__ import annotations

import dataclasses

import numpy as np
import onnx
import onnxruntime
import pytest

from srcli.core.errors import UnsuitableModel
from srcli.importers.claims import NO_CLAIMS, Claims, declare
from srcli.importers.onnx_file import read_onnx
from tests import tiny_models


def read(build, folder):
    return read_onnx(getattr(tiny_models, build)(folder / "model.onnx"))


def run(model, picture):
    return onnxruntime.InferenceSession(model).run(None, {"input": picture})[0]


def test_nothing_said_changes_nothing(tmp_path):
    converted = read("deep", tmp_path)
    assert declare(converted, NO_CLAIMS) is converted
    assert declare(converted, Claims(value_range=255.0, order="rgb")) is converted


def test_colours_in_the_other_order(tmp_path):
    converted = read("blue_first", tmp_path)
    onnx.checker.check_model(declare(converted, Claims(order="bgr")).model, full_check=True)
    picture = np.random.default_rng(0).random((1, 3, 5, 7), dtype=np.float32)
    expected = picture * np.array([0.8, 1, 1], np.float32).reshape(1, 3, 1, 1)
    found = run(declare(converted, Claims(order="bgr")).model, picture)
    np.testing.assert_allclose(found, expected.repeat(2, axis=2).repeat(2, axis=3), rtol=1e-6)


def test_colours_in_the_other_order_channels_last(tmp_path):
    converted = read("channels_last", tmp_path)
    picture = np.random.default_rng(0).random((1, 9, 8, 3), dtype=np.float32)
    expected = run(converted.model, np.ascontiguousarray(picture[..., ::-1]))[..., ::-1]
    np.testing.assert_array_equal(run(declare(converted, Claims(order="bgr")).model, picture), expected)


@pytest.mark.parametrize(("layout", "axis"), [("nchw", 1), ("nhwc", 3)])
def test_a_layout_that_is_not_declared(layout, axis, tmp_path):
    converted = read("nearest", tmp_path)
    model = onnx.load_model_from_string(converted.model)
    for value in (model.graph.input[0], model.graph.output[0]):
        value.type.tensor_type.shape.dim[1].dim_param = "c"
    open_axes = dataclasses.replace(converted, model=model.SerializeToString())
    declared = onnx.load_model_from_string(declare(open_axes, Claims(layout=layout)).model)
    sides = [side.dim_value for side in declared.graph.input[0].type.tensor_type.shape.dim]
    assert [index for index, side in enumerate(sides) if side == 3] == [axis]


def test_a_layout_that_the_graph_contradicts(tmp_path):
    with pytest.raises(UnsuitableModel, match="4 channels as nchw, not 1 or 3"):
        declare(read("four_channels", tmp_path), Claims(layout="nchw"))
