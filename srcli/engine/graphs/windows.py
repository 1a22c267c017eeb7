"""The windows of convolutions and poolings: what a map of some size becomes."""

from __future__ import annotations

from dataclasses import dataclass
from operator import add
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from srcli.engine.graphs.graph import Graph, Operator

CONVOLUTIONS = {"Conv": 1, "ConvInteger": 1, "ConvTranspose": 1, "QLinearConv": 3}
"""Where each kind has its weights."""
POOLINGS = frozenset({"MaxPool", "AveragePool", "LpPool"})


@dataclass(frozen=True, slots=True)
class Window:
    """What a convolution or pooling looks at.

    Attributes:
        strides: along each axis.
        reach: elements along each axis from the first to the last that it looks at.
        before: elements of padding before each axis.
        behind: elements of padding behind each axis.
        keeps: whether padding is chosen by onnxruntime, so that a stride of one keeps the size.
    """

    strides: tuple[int, ...]
    reach: tuple[int, ...]
    before: tuple[int, ...]
    behind: tuple[int, ...]
    keeps: bool

    @property
    def padding(self) -> tuple[int, ...]:
        """Elements of padding along each axis."""
        return tuple(map(add, self.before, self.behind))


def window_of(operator: Operator, graph: Graph) -> Window | None:
    """The window of a convolution or pooling; None where its sides are computed, or don't go together."""
    weights = graph.shape(operator, CONVOLUTIONS.get(operator.kind, 1)) or ()
    kernel = operator.integers.get("kernel_shape") or weights[2:]
    axes = len(kernel)
    strides = operator.integers.get("strides") or (1,) * axes
    dilations = operator.integers.get("dilations") or (1,) * axes
    automatic = operator.texts.get("auto_pad", "NOTSET")
    pads = (operator.integers.get("pads") if automatic == "NOTSET" else None) or (0,) * (2 * axes)
    if not axes or not len(pads) == 2 * len(strides) == 2 * len(dilations) == 2 * axes:
        return None
    reach = tuple(dilation * (side - 1) + 1 for dilation, side in zip(dilations, kernel, strict=True))
    return Window(strides, reach, pads[:axes], pads[axes:], automatic.startswith("SAME"))


def windowed_sides(operator: Operator, graph: Graph, sides: tuple[int, ...]) -> tuple[int, ...] | None:
    """Rows and columns of what a convolution or pooling makes; None where that isn't told.

    After the definitions of Conv, ConvTranspose and MaxPool in the ONNX specification. A window that is
    larger than its map leaves 0, but for what onnxruntime does otherwise.
    """
    window = window_of(operator, graph)
    if window is None or len(window.reach) != len(sides):
        return None
    if operator.kind == "ConvTranspose":
        return _transposed(operator, sides, window)
    if window.keeps:
        return tuple(-(-side // stride) for side, stride in zip(sides, window.strides, strict=True))
    divide = _division(operator)
    return tuple(
        max(0, divide(side + more - reach, stride) + 1)
        for side, more, reach, stride in zip(sides, window.padding, window.reach, window.strides, strict=True)
    )


def _division(operator: Operator) -> Callable[[int, int], int]:
    """How the room for a window is divided by the stride."""
    if operator.integers.get("ceil_mode", (0,))[0]:
        return lambda room, stride: -(-room // stride)
    if operator.kind in POOLINGS:
        # onnxruntime rounds towards zero, and pools a map that is a little smaller than the window.
        return lambda room, stride: room // stride if room >= 0 else -(-room // stride)
    return lambda room, stride: room // stride


def _transposed(operator: Operator, sides: tuple[int, ...], window: Window) -> tuple[int, ...] | None:
    if "output_shape" in operator.integers or operator.texts.get("auto_pad", "NOTSET") != "NOTSET":
        return None
    more = operator.integers.get("output_padding") or (0,) * len(sides)
    return tuple(
        max(0, stride * (side - 1) + reach + extra - padding)
        for side, stride, reach, padding, extra in zip(
            sides, window.strides, window.reach, window.padding, more, strict=True
        )
    )
