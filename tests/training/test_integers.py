"""The `int8` variant: what becomes integers, and that it stays right on every processor."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from srcli.core.errors import TrainingError
from srcli.engine.inference import ort_session
from srcli.engine.runtimes.runtime import onnxruntime
from srcli.training.architectures.plain import PlainGenerator
from srcli.training.integers import write_integers
from srcli.training.onnx_file import write_onnx
from srcli.training.parity import open_exported


@pytest.fixture
def full(tmp_path):
    torch.manual_seed(3)
    write_onnx(PlainGenerator(2, channels=16, layers=3), tmp_path / "full.onnx")
    return tmp_path / "full.onnx"


@pytest.fixture
def integers(full, photographs, tmp_path):
    write_integers(full, tmp_path / "integers.onnx", photographs)
    return tmp_path / "integers.onnx"


def _operators_as_run(path, tmp_path):
    """The operators of the graph after onnxruntime's fusions."""
    options = onnxruntime().SessionOptions()
    options.log_severity_level = 4
    options.optimized_model_filepath = str(tmp_path / "optimised.onnx")
    onnxruntime().InferenceSession(path, options, providers=[ort_session.CPU.provider])
    return [node.op_type for node in onnx.load(tmp_path / "optimised.onnx").graph.node]


def test_all_between_the_first_and_the_last_convolution_runs_in_integers(integers, tmp_path):
    operators = _operators_as_run(integers, tmp_path)
    assert operators.count("QLinearConv") == 3
    assert operators.count("Conv") == 2
    assert operators.count("QuantizeLinear") == operators.count("DequantizeLinear") == 1
    assert "Relu" not in operators


def test_weights_have_seven_bits_and_a_range_per_channel(integers):
    tensors = {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(integers).graph.initializer}
    kernels = [values for values in tensors.values() if values.ndim == 4 and values.dtype == np.int8]
    assert len(kernels) == 3
    for kernel in kernels:
        assert (np.abs(kernel.reshape(16, -1)).max(axis=1) == 64).all()


def test_the_picture_stays_near(full, integers):
    picture = np.random.default_rng(0).random((1, 3, 37, 23), dtype=np.float32)
    exact, near = open_exported(full)(picture), open_exported(integers)(picture)
    assert 0 < np.abs(near - exact).max() < 0.02


def test_nothing_lies_between_two_convolutions(photographs, tmp_path):
    write_onnx(PlainGenerator(2, channels=16, layers=0), tmp_path / "full.onnx")
    with pytest.raises(TrainingError, match="has 2 convolutions"):
        write_integers(tmp_path / "full.onnx", tmp_path / "integers.onnx", photographs)
    assert not (tmp_path / "integers.onnx").exists()
