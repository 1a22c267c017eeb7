"""An upper bound of how far a generator looks around, told by the operators of its graph.

Every value of a map depends on a range of input pixels along each axis, which convolutions, pooling and
resizing widen and strides spread. The bound holds where a graph is made of such operators with constant
parameters; it says nothing of how much of it is felt.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from srcli.engine.graphs.windows import window_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from srcli.engine.graphs.graph import Graph, Operator

_POINTWISE = """Abs Add Cast Clip Div Dropout Elu Erf Exp Gelu HardSigmoid HardSwish Identity LeakyRelu Max
Mean Min Mish Mul Neg PRelu Pow Reciprocal Relu Round Selu Sigmoid Sign Softplus Sqrt Sub Sum Tanh"""
POINTWISE = frozenset(_POINTWISE.split())
CHANNELS = frozenset({1, -3})
AXES = 4
NEIGHBOURS = {"nearest": 1, "linear": 1, "cubic": 2}
"""How many pixels on each side of a place a resize may look at."""
STEADY = frozenset({"half_pixel", "pytorch_half_pixel", "asymmetric"})
"""Ways to lay two grids of a resize over each other that don't depend on where in the picture one is."""


@dataclass(frozen=True, slots=True)
class Span:
    """What element i of a map depends on along an axis: input pixels i * step + first to i * step + last."""

    step: Fraction = Fraction(1)
    first: Fraction = Fraction(0)
    last: Fraction = Fraction(0)

    def widened(self, before: Fraction | int, behind: Fraction | int) -> Span:
        """A map whose elements look at so many elements of this one before and behind their own."""
        return replace(self, first=self.first - before * self.step, last=self.last + behind * self.step)


Spans = tuple[Span, Span]


def receptive_bound(graph: Graph, scale: int) -> int | None:
    """How many input pixels beyond its own an output pixel can depend on at most, on each side.

    Args:
        graph: of a generator with pictures as (batch, channels, height, width).
        scale: output pixels per input pixel along an axis.

    Returns:
        Input pixels; None where the graph has operators of which that can't be told.
    """
    known: dict[str, Spans] = {graph.input: (Span(), Span())}
    for operator in graph.operators:
        given = {known[name] for name in operator.inputs if name in known}
        if not given:
            continue
        made = None if operator.inner else _made(operator, graph, given)
        if made is None:
            return None
        known |= dict.fromkeys(operator.outputs, made)
    spans = known.get(graph.output)
    if spans is None or any(span.step != Fraction(1, scale) for span in spans):
        return None
    # An output pixel lies anywhere in its input pixel.
    inside = Fraction(scale - 1, scale)
    return max(0, *(max(math.floor(-span.first), math.floor(span.last + inside)) for span in spans))


def _made(operator: Operator, graph: Graph, given: set[Spans]) -> Spans | None:
    """What the elements of an operator's result depend on; None where that can't be told."""
    kind = operator.kind
    if kind in POINTWISE or (kind in ("Concat", "Split") and _axes(operator, "axis") <= CHANNELS):
        return _united(given)
    if len(given) > 1:
        return None
    return _made_of_one(operator, graph, *given)


def _made_of_one(operator: Operator, graph: Graph, spans: Spans) -> Spans | None:
    """What the elements of the result depend on where an operator takes one map."""
    kind = operator.kind
    if kind in ("Conv", "MaxPool", "AveragePool"):
        return _windowed(operator, graph, spans)
    if kind in ("DepthToSpace", "SpaceToDepth"):
        block = operator.integers.get("blocksize", (0,))[0]
        if block < 1:
            return None
        return _each(spans, lambda span: _spread(span, block) if kind[0] == "D" else _gathered(span, block))
    if kind == "Slice":
        channels = graph.numbers(operator, 3)
        return spans if channels is not None and {int(axis) for axis in channels} <= CHANNELS else None
    if kind == "Pad":
        return _padded(graph.numbers(operator, 1), spans)
    if kind in ("Resize", "Upsample"):
        return _resized(operator, graph, spans)
    return None


def _axes(operator: Operator, name: str) -> set[int]:
    return set(operator.integers.get(name, (0,)))


def _united(given: Iterable[Spans]) -> Spans | None:
    """What results depend on that are made of several maps of one size."""
    both = list(zip(*given, strict=True))
    if any(len({span.step for span in spans}) > 1 for spans in both):
        return None
    rows, columns = (
        Span(spans[0].step, min(span.first for span in spans), max(span.last for span in spans))
        for spans in both
    )
    return rows, columns


def _each(spans: Spans, change: Callable[[Span], Span]) -> Spans:
    return change(spans[0]), change(spans[1])


def _windowed(operator: Operator, graph: Graph, spans: Spans) -> Spans | None:
    """Behind a convolution or pooling."""
    window = window_of(operator, graph)
    if window is None or window.keeps or len(window.reach) != len(spans) or min(window.strides) < 1:
        return None
    rows, columns = (
        replace(span.widened(before, reach - 1 - before), step=span.step * stride)
        for span, before, reach, stride in zip(
            spans, window.before, window.reach, window.strides, strict=True
        )
    )
    return rows, columns


def _spread(span: Span, factor: int) -> Span:
    """Every element repeated, or unfolded into so many."""
    return replace(span.widened(Fraction(factor - 1, factor), 0), step=span.step / factor)


def _gathered(span: Span, block: int) -> Span:
    """Neighbours folded into one element."""
    return replace(span.widened(0, block - 1), step=span.step * block)


def _padded(pads: tuple[float, ...] | None, spans: Spans) -> Spans | None:
    """Behind rows and columns that are put before the first ones, or taken away."""
    if pads is None or len(pads) != 2 * AXES or any(pads[axis] or pads[axis + AXES] for axis in (0, 1)):
        return None
    rows, columns = (
        span.widened(int(pads[2 + axis]), -int(pads[2 + axis])) for axis, span in enumerate(spans)
    )
    return rows, columns


def _resized(operator: Operator, graph: Graph, spans: Spans) -> Spans | None:
    """Behind an enlargement by a whole factor."""
    factors = graph.numbers(operator, 2 if operator.kind == "Resize" else 1)
    mode = operator.texts.get("mode", "nearest")
    way = operator.texts.get("coordinate_transformation_mode", "half_pixel")
    steady = operator.kind == "Upsample" or way in STEADY
    if factors is None or len(factors) != AXES or not steady or mode not in NEIGHBOURS:
        return None
    if any(not factor >= 1 or factor % 1 for factor in factors[2:]) or factors[:2] != (1, 1):
        return None
    if mode == "nearest" and (operator.kind == "Upsample" or _repeats(operator)):
        around = Fraction(0)
    else:
        # The centre of an element lies within half an element of the place that it looks at.
        around = NEIGHBOURS[mode] + Fraction(1, 2)
    rows, columns = (
        _spread(span.widened(around, around), int(factor))
        for span, factor in zip(spans, factors[2:], strict=True)
    )
    return rows, columns


def _repeats(operator: Operator) -> bool:
    """Whether a resize to the nearest repeats every pixel, and doesn't shift the picture."""
    way = operator.texts.get("coordinate_transformation_mode"), operator.texts.get("nearest_mode")
    return way == ("asymmetric", "floor")
