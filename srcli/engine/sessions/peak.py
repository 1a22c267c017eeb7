"""How fast a device multiplies at its best: large matrix products through onnxruntime, timed on the spot."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from srcli.engine.graphs.onnx_file import GRAPH_INPUT, GRAPH_OUTPUT, MODEL_GRAPH, MODEL_OPSET, OPSET_VERSION
from srcli.engine.graphs.onnx_writer import (
    BYTE,
    FLOAT,
    HALF,
    INTEGER,
    SIGNED_BYTE,
    field,
    node,
    number,
    value,
)
from srcli.engine.inference import ort_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from srcli.engine.devices.kind import Device
    from srcli.engine.runtimes.runtime import NativeSession

SIDE_ON_CPU, SIDE_ON_GPU = 1024, 4096
"""Sides of the square matrices: enough that memory does not limit the product."""
CHAIN_ON_GPU = 16
"""Products in a row, so that the way to the GPU and back does not count."""
REPEATS = 6


def peak_gops(device: Device, precision: str, threads: int | None = None) -> float:
    """Billions of operations a second, a multiply-add being two: the best of some products.

    Args:
        device: what to measure.
        precision: what to compute in. A CPU computes ``fp16`` files in float32; there is no integer product
            for a GPU, whose half precision is taken instead.
        threads: processor cores to use; all usable physical cores by default.

    Raises:
        MachineError: the device does not run it.
    """
    on_gpu = device.on_gpu
    side, length = (SIDE_ON_GPU, CHAIN_ON_GPU) if on_gpu else (SIDE_ON_CPU, 1)
    integers = precision == "int8" and not on_gpu
    kind = BYTE if integers else HALF if on_gpu and precision != "fp32" else FLOAT
    session = ort_session.create_from_bytes(
        _product(side, length, kind), device, threads, precision=precision, name="the product of two matrices"
    )
    best_s = min(_timed(session, _matrices(side, kind)))
    return 2 * side**3 * length / best_s / 1e9


def _timed(session: NativeSession, feed: dict[str, npt.NDArray[Any]]) -> Iterator[float]:
    """Seconds of each product but the first, which also pays for memory."""
    session.run(None, feed)
    for _ in range(REPEATS):
        started_s = time.perf_counter()
        session.run(None, feed)
        yield time.perf_counter() - started_s


def _matrices(side: int, kind: int) -> dict[str, npt.NDArray[Any]]:
    """Two random matrices whose repeated product neither overflows nor vanishes."""
    random = np.random.default_rng(0)
    if kind == BYTE:
        levels, weights = random.integers(0, 256, (side, side)), random.integers(-64, 64, (side, side))
        return {"left": levels.astype(np.uint8), "right": weights.astype(np.int8)}
    real = np.float16 if kind == HALF else np.float32
    left, right = random.normal(0, 1, (side, side)), random.normal(0, side**-0.5, (side, side))
    return {"left": left.astype(real), "right": right.astype(real)}


def _product(side: int, length: int, kind: int) -> bytes:
    """An ONNX file with ``left @ right @ right ...``, in the wire format of ``onnx.proto3``."""
    integers = kind == BYTE
    names = ["left", *(f"product{index}" for index in range(1, length)), "product"]
    operator = "MatMulInteger" if integers else "MatMul"
    nodes = b"".join(node(operator, [given, "right"], made) for given, made in pairwise(names))
    square = (side, side)
    inputs = value(GRAPH_INPUT, "left", kind, square)
    inputs += value(GRAPH_INPUT, "right", SIGNED_BYTE if integers else kind, square)
    output = value(GRAPH_OUTPUT, "product", INTEGER if integers else kind, square)
    graph = nodes + field(2, b"peak") + inputs + output
    return number(1, 8) + field(MODEL_GRAPH, graph) + field(MODEL_OPSET, number(OPSET_VERSION, 17))
