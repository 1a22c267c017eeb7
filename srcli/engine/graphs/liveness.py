"""How many values of a graph's intermediate results are in memory at once.

A walk over the operators in their order, as onnxruntime runs them one by one on a CPU: a result lives from
the operator that makes it to the last one that reads it, and operators on single values write over an input
that is read no more.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from srcli.engine.graphs.windows import CONVOLUTIONS

if TYPE_CHECKING:
    from srcli.engine.graphs.graph import Graph, Operator

_NEED_ROOM = frozenset(
    {*CONVOLUTIONS, "Concat", "DepthToSpace", "SpaceToDepth", "Resize", "Upsample", "Slice"}
)
"""Operators that can't write their result over what they read."""

ENLARGED = 4
"""The area of a map that is enlarged, beside the map, where that isn't told: twice as high and wide."""


def most_live_values(graph: Graph, channels: int) -> float:
    """The most values that live at once, per pixel of the input.

    Args:
        graph: the operators.
        channels: of the input.
    """
    values, areas = {graph.input: float(channels)}, {graph.input: 1.0}
    last = {name: index for index, operator in enumerate(graph.operators) for name in operator.inputs}
    most = alive = float(channels)
    for index, operator in enumerate(graph.operators):
        made, area = _result(graph, operator, values, areas)
        dying = {name for name in operator.inputs if last[name] == index and name in values}
        freed = sum(values[name] for name in dying)
        reused = operator.kind not in _NEED_ROOM and any(values[name] == made for name in dying)
        alive += made
        most = max(most, alive - made if reused else alive)
        for name in operator.outputs:
            values[name], areas[name] = made / len(operator.outputs), area
        alive -= freed
    return most


def _result(
    graph: Graph, operator: Operator, values: dict[str, float], areas: dict[str, float]
) -> tuple[float, float]:
    """Values per input pixel that an operator makes, and its area beside the input's."""
    sources = [name for name in operator.inputs if name in values]
    if not sources or operator.kind in ("Shape", "Size"):
        return 0.0, 1.0  # sizes are a few numbers; joined, they would seem to be maps that double
    largest = max(sources, key=values.__getitem__)
    made, area = values[largest], areas[largest]
    strides = max(1, math.prod(operator.integers.get("strides", (1,))))
    match operator.kind:
        case "Conv" | "ConvInteger" | "QLinearConv":
            area /= strides
            made = _kernel(graph, operator)[0] * area
        case "ConvTranspose":
            area *= strides
            made = _kernel(graph, operator)[1] * operator.integers.get("group", (1,))[0] * area
        case "Concat":
            made = sum(values.get(name, 0.0) for name in operator.inputs)
        case "Slice":
            made *= _share_of_channels(graph, operator, made / area)
        case "DepthToSpace":
            area *= operator.integers.get("blocksize", (1,))[0] ** 2
        case "Resize" | "Upsample":
            growth = _growth(graph, operator) or _growth_to_computed(area, max(areas.values()))
            made, area = made * growth, area * growth
    return made, area


def _growth(graph: Graph, operator: Operator) -> float:
    """By how much a resize changes the area; 0 for one to a computed size."""
    return math.prod(graph.numbers(operator, 2 if operator.kind == "Resize" else 1) or (0,))


def _growth_to_computed(area: float, largest: float) -> float:
    """By how much a resize to a computed size changes the area: back to the largest map, or beyond it."""
    return largest / area if area < largest else ENLARGED


def _share_of_channels(graph: Graph, operator: Operator, channels: float) -> float:
    """How much of its input a slice of some channels keeps; all of it where it cuts elsewhere."""
    start, stop, axis = (graph.numbers(operator, position) for position in (1, 2, 3))
    # What only looks like a map, and is joined again and again, may seem to have more channels than numbers.
    if axis != (1,) or not start or not stop or not 0.5 < channels < math.inf:
        return 1.0
    count = round(channels)
    # "To the end" is the largest integer of 64 bits in ONNX, beyond which lies what floats make of it.
    numbers = (int(max(-count, min(count, number))) for number in (start[0], stop[0]))
    first, behind, _ = slice(*numbers).indices(count)
    return max(0, behind - first) / count


def _kernel(graph: Graph, operator: Operator) -> tuple[int, ...]:
    """The shape of a convolution's weights; none known where they are computed."""
    return graph.shape(operator, CONVOLUTIONS[operator.kind]) or (0, 0)
