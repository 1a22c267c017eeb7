"""What is known of the shapes in a graph, for an input of one shape, while its operators are followed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from srcli.engine.graphs.graph import Graph, Operator

    Shape = tuple[int, ...]

TO_THE_END = 2**31
"""What lies beyond any side, as exporters write "to the end"."""


@dataclass(slots=True)
class Known:
    """Shapes of values, and the few whole numbers that are computed of them, by name; what is open lacks."""

    graph: Graph
    shapes: dict[str, Shape] = field(default_factory=dict)
    computed: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def shape(self, operator: Operator, position: int = 0) -> Shape | None:
        """The shape of an input; None where it is open or left out."""
        name = operator.name_at(position)
        constant = self.graph.constants.get(name)
        return self.shapes.get(name) if constant is None else constant.shape

    def numbers(self, operator: Operator, position: int) -> tuple[int, ...] | None:
        """The whole numbers of an input; None where they are open, others or left out."""
        found = self.computed.get(operator.name_at(position))
        if found is not None:
            return found
        constant = self.graph.numbers(operator, position)
        if constant is None or not all(float(number).is_integer() for number in constant):
            return None
        return tuple(map(int, constant))

    def cut(self, operator: Operator) -> dict[int, slice] | None:
        """What a Slice keeps, by axis; None where that is open."""
        words = operator.integers
        first = words.get("starts") or self.numbers(operator, 1)
        behind = words.get("ends") or self.numbers(operator, 2)
        named = words.get("axes") or self.numbers(operator, 3)
        steps = self.numbers(operator, 4)
        if first is None or behind is None or (named is None and operator.name_at(3)):
            return None
        if steps is None and operator.name_at(4):
            return None
        named, steps = named or tuple(range(len(first))), steps or (1,) * len(first)
        if not len(first) == len(behind) == len(named) == len(steps) or min(steps) < 1:
            return None
        return {
            axis: slice(start, None if stop >= TO_THE_END else stop, step)
            for axis, start, stop, step in zip(named, first, behind, steps, strict=True)
        }
