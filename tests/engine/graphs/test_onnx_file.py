"""Counting weights in an ONNX file, against the onnx package."""

from __future__ import annotations

import contextlib
import math
import tempfile
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper, numpy_helper

from srcli.engine.graphs.onnx_file import count_weights
from tests import tiny_models


@pytest.mark.parametrize("name", ["nearest", "deep", "pairs_of_pixels", "bytes_in_and_out"])
def test_initialisers_are_counted(name, tmp_path):
    path = getattr(tiny_models, name)(tmp_path / "model.onnx")
    expected = sum(math.prod(tensor.dims) for tensor in onnx.load(path).graph.initializer)
    assert count_weights(path) == expected


def test_constant_nodes_are_counted(tmp_path):
    path = tiny_models.deep(tmp_path / "model.onnx")
    expected = count_weights(path)
    model = onnx.load(path)
    for tensor in list(model.graph.initializer):
        node = helper.make_node("Constant", [], [tensor.name], value=tensor)
        model.graph.node.insert(0, node)
        model.graph.initializer.remove(tensor)
    onnx.save(model, path)
    assert count_weights(path) == expected


def test_shapes_are_no_weights(tmp_path):
    path = tiny_models.nearest(tmp_path / "model.onnx")
    expected = count_weights(path)
    model = onnx.load(path)
    model.graph.initializer.append(numpy_helper.from_array(np.arange(9, dtype=np.int64), "shape"))
    onnx.save(model, path)
    assert count_weights(path) == expected


def test_a_truncated_file(tmp_path):
    path = tiny_models.deep(tmp_path / "model.onnx")
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(ValueError, match="truncated"):
        count_weights(path)


@given(st.binary(max_size=200))
def test_any_bytes_end_in_a_count_or_a_value_error(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bytes.onnx"
        path.write_bytes(content)
        with contextlib.suppress(ValueError):
            assert count_weights(path) >= 0
