"""Has a device round a generator's output to 8-bit levels itself.

What leaves a GPU is then a quarter of the bytes, and no core has to look for NaN, clip, round and lay out
every pixel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from srcli.engine.graphs.onnx_file import GRAPH_OUTPUT, MODEL_GRAPH, read_opset, read_output
from srcli.engine.graphs.onnx_writer import BYTE, FLOAT, LONG, constant, field, node, value
from srcli.engine.inference.traits import BYTE as BYTE_TENSOR

if TYPE_CHECKING:
    from srcli.engine.inference.traits import Traits

Levels: TypeAlias = npt.NDArray[np.uint8]
"""(height, width, 3) uint8, RGB."""

OLDEST_OPSET = 13
"""From this version on the operators below take what they are given here."""

LEVELS, FINITE = "srcli.levels", "srcli.finite"
"""The outputs that are added: (N, s*h, s*w, 3) uint8, and (N,) float32 that is 0 where all values of a
picture are finite, else NaN."""


@dataclass(frozen=True, slots=True)
class Rounded:
    """What a generator made of one window, in levels.

    Attributes:
        levels: clipped, rounded half to even.
        finite: whether no value was NaN or infinite before.
    """

    levels: Levels
    finite: bool


def can_round(traits: Traits) -> bool:
    """Whether levels can follow from a generator's output: several colour pictures of floats up to 1."""
    floats = traits.output_type != BYTE_TENSOR and traits.output_range == 1.0
    return floats and traits.layout == "NCHW" and traits.channels == 3 and not traits.fixed_batch


def with_levels(model: bytes) -> bytes:
    """An ONNX file that gives levels as well.

    A file is a protobuf message, and a reader joins the lists of two that follow one another: nodes,
    constants and outputs behind a file become part of its graph
    (https://protobuf.dev/programming-guides/encoding/#last-one-wins).

    Args:
        model: the content of an ONNX file whose output suits ``can_round``.

    Raises:
        ValueError: the file is too old, or no ONNX file.
    """
    opset, result = read_opset(model), read_output(model)
    if opset < OLDEST_OPSET:
        raise ValueError(
            f"it is written for version {opset} of ONNX's operators, and {OLDEST_OPSET} is needed"
        )
    return model + field(MODEL_GRAPH, b"".join((*_constants(), *_nodes(result), *_outputs())))


def _constants() -> tuple[bytes, ...]:
    scalars = {"srcli.black": 0.0, "srcli.white": 1.0, "srcli.peak": 255.0}
    axes = np.array([1, 2, 3], np.int64)
    return (
        *(constant(name, FLOAT, np.float32(value).tobytes()) for name, value in scalars.items()),
        constant("srcli.axes", LONG, axes.tobytes(), axes.shape),
    )


def _nodes(result: str) -> tuple[bytes, ...]:
    return (
        node("Cast", [result], "srcli.real", to=FLOAT),
        node("Clip", ["srcli.real", "srcli.black", "srcli.white"], "srcli.unit"),
        node("Mul", ["srcli.unit", "srcli.peak"], "srcli.scaled"),
        node("Round", ["srcli.scaled"], "srcli.rounded"),
        node("Cast", ["srcli.rounded"], "srcli.planes", to=BYTE),
        node("Transpose", ["srcli.planes"], LEVELS, perm=[0, 2, 3, 1]),
        # Zero times NaN or infinity is NaN, and so is any sum with it. Minima and maxima may pass NaN over.
        node("Mul", ["srcli.real", "srcli.black"], "srcli.nothing"),
        node("ReduceSum", ["srcli.nothing", "srcli.axes"], FINITE, keepdims=0),
    )


def _outputs() -> tuple[bytes, ...]:
    levels = value(GRAPH_OUTPUT, LEVELS, BYTE, (None,) * 4)
    return levels, value(GRAPH_OUTPUT, FINITE, FLOAT, (None,))
