"""Quantised networks whose bytes are no levels of pictures."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto

from srcli.importers.onnx_file import read_onnx
from tests import tiny_models

BYTE, FLOAT = TensorProto.UINT8, TensorProto.FLOAT
LEVELS = (1 / 255, 0)


@pytest.mark.parametrize(
    ("taken", "made", "types"),
    [
        (LEVELS, LEVELS, (BYTE, BYTE)),
        (LEVELS, (0.0043, 12), (BYTE, FLOAT)),
        (LEVELS, (1 / 255, 3), (BYTE, FLOAT)),
        ((0.0078, 128), LEVELS, (FLOAT, BYTE)),
        ((0.0078, 128), (0.0043, 12), (FLOAT, FLOAT)),
    ],
)
def test_bytes_stay_where_they_are_levels(tmp_path, taken, made, types):
    path = tiny_models.quantised(tmp_path / "quantised.onnx", taken=taken, made=made)
    graph = onnx.load_model_from_string(read_onnx(path).model).graph
    assert tuple(value.type.tensor_type.elem_type for value in (graph.input[0], graph.output[0])) == types


def test_numbers_are_what_the_network_means(tmp_path):
    path = tiny_models.quantised(tmp_path / "quantised.onnx", made=(0.0043, 12))
    session = onnxruntime.InferenceSession(read_onnx(path).model, providers=["CPUExecutionProvider"])
    levels = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(1, 3, 4, 5)
    result = session.run(None, {"input": levels})[0]
    np.testing.assert_allclose(result, (levels / 255).repeat(2, axis=2).repeat(2, axis=3), atol=1e-6)


def test_a_scale_that_is_computed_stays(tmp_path):
    path = tiny_models.quantised(tmp_path / "quantised.onnx")
    model = onnx.load(path)
    model.graph.node[-1].input[1] = "computed"
    model.graph.node.insert(0, onnx.helper.make_node("Identity", ["result scale"], ["computed"]))
    onnx.save(model, path)
    made = onnx.load_model_from_string(read_onnx(path).model)
    assert made.graph.output[0].type.tensor_type.elem_type == BYTE
