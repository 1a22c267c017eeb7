"""Sizes that a graph computes of the shapes of its maps, such as those that it resizes to."""

from __future__ import annotations

import operator as arithmetic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from srcli.engine.graphs.graph import Operator
    from srcli.engine.graphs.known_shapes import Known

INTEGERS = {(6,), (7,)}
"""Types of ONNX in which sizes are computed: int32 and int64."""
_CALCULATIONS: dict[str, Callable[[int, int], int]] = {
    "Add": arithmetic.add,
    "Sub": arithmetic.sub,
    "Mul": arithmetic.mul,
    "Div": arithmetic.floordiv,
    "Mod": arithmetic.mod,
}


def computed_numbers(operator: Operator, known: Known) -> tuple[int, ...] | None:
    """The whole numbers that an operator computes of shapes; None where it computes anything else."""
    if operator.kind == "Shape":
        return _sides(operator, known)
    if not any(name in known.computed for name in operator.inputs):
        return None
    if operator.kind in _CALCULATIONS:
        return _calculated(operator, known)
    if operator.kind == "Concat":
        parts = [known.numbers(operator, position) for position in range(len(operator.inputs))]
        return None if None in parts else tuple(number for part in parts for number in part or ())
    given = known.computed.get(operator.inputs[0])
    return None if given is None else _taken(operator, known, given)


def _taken(operator: Operator, known: Known, given: tuple[int, ...]) -> tuple[int, ...] | None:
    """What an operator that arranges numbers takes of some."""
    match operator.kind:
        case "Identity" | "Unsqueeze" | "Squeeze":
            return given
        case "Cast":
            return given if operator.integers.get("to") in INTEGERS else None
        case "Slice":
            cut = known.cut(operator)
            return given[cut[0]] if cut is not None and set(cut) == {0} else None
        case "Gather":
            places = known.numbers(operator, 1) or ()
            inside = places and all(-len(given) <= place < len(given) for place in places)
            return tuple(given[place] for place in places) if inside else None
    return None


def _sides(operator: Operator, known: Known) -> tuple[int, ...] | None:
    shape, words = known.shape(operator), operator.integers
    if shape is None:
        return None
    return shape[slice(words.get("start", (0,))[0], words.get("end", (None,))[0])]


def _calculated(operator: Operator, known: Known) -> tuple[int, ...] | None:
    first, second = known.numbers(operator, 0), known.numbers(operator, 1)
    # Of negative numbers, quotients round otherwise in ONNX than in Python.
    if not first or not second or min(*first, *second) < 0 or len(operator.inputs) != 2:
        return None
    count = max(len(first), len(second))
    divides = operator.kind in ("Div", "Mod")
    if not {len(first), len(second)} <= {1, count} or (divides and 0 in second):
        return None
    pairs = zip(first * (count // len(first)), second * (count // len(second)), strict=True)
    return tuple(_CALCULATIONS[operator.kind](one, other) for one, other in pairs)
