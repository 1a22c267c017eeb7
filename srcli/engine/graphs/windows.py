"""The windows of convolutions and poolings: what a map of some size becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from srcli.engine.graphs.graph import Graph, Operator

CONVOLUTIONS = {"Conv": 1, "ConvInteger": 1, "ConvTranspose": 1, "QLinearConv": 3}
"""Where each kind has its weights."""
POOLINGS = frozenset({"MaxPool", "AveragePool", "LpPool"})


def kernel_of(operator: Operator, graph: Graph) -> tuple[int, ...] | None:
    """The sides of a window; None where they are computed."""
    weights = graph.shape(operator, CONVOLUTIONS.get(operator.kind, 1)) or ()
    return operator.integers.get("kernel_shape") or weights[2:] or None


def windowed_sides(operator: Operator, graph: Graph, sides: tuple[int, ...]) -> tuple[int, ...] | None:
    """Rows and columns of what a convolution or pooling makes; None where that isn't told.

    After the definitions of Conv, ConvTranspose and MaxPool in the ONNX specification. A window that is
    larger than its map leaves 0, but for what onnxruntime does otherwise.
    """
    kernel = kernel_of(operator, graph)
    if kernel is None or len(kernel) != len(sides):
        return None
    axes = len(sides)
    strides = operator.integers.get("strides") or (1,) * axes
    dilations = operator.integers.get("dilations") or (1,) * axes
    automatic = operator.texts.get("auto_pad", "NOTSET")
    pads = (operator.integers.get("pads") if automatic == "NOTSET" else None) or (0,) * (2 * axes)
    if not len(pads) == 2 * len(strides) == 2 * len(dilations) == 2 * axes:
        return None
    reach = [dilation * (side - 1) + 1 for dilation, side in zip(dilations, kernel, strict=True)]
    padding = [pads[axis] + pads[axis + axes] for axis in range(axes)]
    if operator.kind == "ConvTranspose":
        return _transposed(operator, sides, (strides, reach, padding)) if automatic == "NOTSET" else None
    if automatic.startswith("SAME"):
        return tuple(-(-side // stride) for side, stride in zip(sides, strides, strict=True))
    divide = _division(operator)
    return tuple(
        max(0, divide(side + more - window, stride) + 1)
        for side, more, window, stride in zip(sides, padding, reach, strides, strict=True)
    )


def _division(operator: Operator) -> Callable[[int, int], int]:
    """How the room for a window is divided by the stride."""
    if operator.integers.get("ceil_mode", (0,))[0]:
        return lambda room, stride: -(-room // stride)
    if operator.kind in POOLINGS:
        # onnxruntime rounds towards zero, and pools a map that is a little smaller than the window.
        return lambda room, stride: room // stride if room >= 0 else -(-room // stride)
    return lambda room, stride: room // stride


def _transposed(
    operator: Operator,
    sides: tuple[int, ...],
    window: tuple[tuple[int, ...], list[int], list[int]],
) -> tuple[int, ...] | None:
    if "output_shape" in operator.integers:
        return None
    more = operator.integers.get("output_padding") or (0,) * len(sides)
    return tuple(
        max(0, stride * (side - 1) + reach + extra - padding)
        for side, stride, reach, padding, extra in zip(sides, *window, more, strict=True)
    )
