"""What is known of a run before it: whether it can go well, and how much memory it takes at least."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcli.engine.graphs.emptiness import DIVIDING
from srcli.engine.graphs.known_shapes import Known
from srcli.engine.graphs.shape_numbers import computed_numbers
from srcli.engine.graphs.shape_rules import RULES, EmptyMap, WrongShape

if TYPE_CHECKING:
    from srcli.engine.graphs.graph import Graph, Operator
    from srcli.engine.graphs.known_shapes import Shape


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a graph does with an input of one shape.

    Attributes:
        wrong: why it can't run, in words; None where nothing is known against it.
        empties: whether that is for a map that is empty, which larger pictures may not leave.
        most_values: the most values that one operator reads and makes, of those that are known.
        largest: that operator, such as ``Conv conv5``.
    """

    wrong: str | None
    empties: bool
    most_values: int
    largest: str


def foresee(graph: Graph, shape: Shape) -> Forecast:
    """Deduce the shapes of a graph's maps as far as they are told, for an input of one shape.

    onnxruntime (1.31 at least) may end the process that runs a window over an empty map.
    """
    known = Known(graph, {graph.input: shape})
    most, largest = 0, ""
    for operator in graph.operators:
        try:
            _follow(operator, known)
        except WrongShape as error:
            return Forecast(str(error), isinstance(error, EmptyMap), most, largest)
        names = {name for name in (*operator.inputs, *operator.outputs) if name in known.shapes}
        values = sum(math.prod(known.shapes[name]) for name in names)
        if values > most:
            most, largest = values, f"{operator.kind} {operator.outputs[0]}"
    return Forecast(wrong=None, empties=False, most_values=most, largest=largest)


def _follow(operator: Operator, known: Known) -> None:
    """Deduce what an operator makes.

    Raises:
        WrongShape: it makes nothing of what it is given.
    """
    given = known.shape(operator)
    if operator.kind in DIVIDING and given is not None and 0 in given:
        raise EmptyMap(f"{operator.kind} {operator.outputs[0]} is given an empty map")
    numbers = computed_numbers(operator, known)
    if numbers is not None:
        known.computed[operator.outputs[0]] = numbers
    rule = RULES.get(operator.kind)
    made = None if rule is None else rule(operator, known)
    if made is not None:
        known.shapes.update(dict.fromkeys(operator.outputs, made))
