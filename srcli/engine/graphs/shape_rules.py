"""The rules by which shapes follow from shapes, after the operators' definitions in the ONNX specification.

Whatever isn't told is left open, so that what is found holds.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from srcli.engine.graphs.windows import CONVOLUTIONS, POOLINGS, windowed_sides

if TYPE_CHECKING:
    from collections.abc import Callable

    from srcli.engine.graphs.graph import Operator
    from srcli.engine.graphs.known_shapes import Known, Shape

_ALIKE = """Abs Cast Ceil Clip Cos DequantizeLinear Dropout Elu Erf Exp Floor Gelu HardSigmoid HardSwish
Identity LeakyRelu Log LogSoftmax Mish Neg Not QuantizeLinear Reciprocal Relu Round Selu Sigmoid Sign Sin
Softmax Softplus Sqrt Tanh BatchNormalization InstanceNormalization LayerNormalization GroupNormalization
PRelu CumSum Trilu"""
_JOINED = "Add Div Equal Greater Less Max Mean Min Mod Mul Pow Sub Sum Where"
ALIKE, JOINED = frozenset(_ALIKE.split()), frozenset(_JOINED.split())
"""Operators whose result has the shape of their first input, or that to which all inputs spread."""
MAP_AXES = 4


class WrongShape(Exception):
    """An operator can't run on what it is given."""


class EmptyMap(WrongShape):
    """There is nothing left of the picture."""


def _alike(operator: Operator, known: Known) -> Shape | None:
    return known.shape(operator)


def _joined(operator: Operator, known: Known) -> Shape | None:
    given = [known.shape(operator, position) for position in range(len(operator.inputs))]
    return _spread([shape for shape in given if shape is not None]) if None not in given else None


def _spread(shapes: list[Shape]) -> Shape | None:
    """The shape to which several spread, as in NumPy."""
    axes = max(map(len, shapes), default=0)
    padded = [(1,) * (axes - len(shape)) + shape for shape in shapes]
    sides = [{side for side in column if side != 1} for column in zip(*padded, strict=True)]
    if any(len(column) > 1 for column in sides):
        return None  # onnxruntime says better what is wrong
    return tuple(next(iter(column), 1) for column in sides)


def _window(operator: Operator, known: Known) -> Shape | None:
    given, channels = known.shape(operator), _channels(operator, known)
    sides = None if given is None else windowed_sides(operator, known.graph, given[2:])
    if given is None or sides is None:
        return None
    if 0 in sides:
        was = "x".join(map(str, given[2:]))
        raise EmptyMap(f"{operator.kind} {operator.outputs[0]} leaves an empty map of one of {was}")
    return None if channels is None else (given[0], channels, *sides)


def _channels(operator: Operator, known: Known) -> int | None:
    """The channels that a convolution or pooling makes; weights may be computed, as those of 8 bits are."""
    if operator.kind in POOLINGS:
        given = known.shape(operator)
        return None if given is None else given[1]
    weights = known.shape(operator, CONVOLUTIONS[operator.kind])
    if weights is None:
        return None
    if operator.kind == "ConvTranspose":
        return weights[1] * operator.integers.get("group", (1,))[0]
    return weights[0]


def _pooled(operator: Operator, known: Known) -> Shape | None:
    given = known.shape(operator)
    return None if given is None else (*given[:2], *(1 for _ in given[2:]))


def _resized(operator: Operator, known: Known) -> Shape | None:
    given = known.shape(operator)
    policy = operator.texts.get("keep_aspect_ratio_policy", "stretch")
    if given is None or "axes" in operator.integers or policy != "stretch":
        return None
    place = 1 if operator.kind == "Upsample" or len(operator.inputs) == 2 else 2
    factors = known.graph.numbers(operator, place)
    if factors and len(factors) == len(given):
        return tuple(math.floor(side * factor) for side, factor in zip(given, factors, strict=True))
    size = known.numbers(operator, 3)
    return size if size and len(size) == len(given) else None


def _padded(operator: Operator, known: Known) -> Shape | None:
    given = known.shape(operator)
    pads = operator.integers.get("pads") or known.numbers(operator, 1)
    if given is None or pads is None or len(operator.inputs) > 3 or len(pads) != 2 * len(given):
        return None
    return tuple(max(0, side + pads[axis] + pads[axis + len(given)]) for axis, side in enumerate(given))


def _sliced(operator: Operator, known: Known) -> Shape | None:
    given, cut = known.shape(operator), known.cut(operator)
    if given is None or cut is None or not all(-len(given) <= axis < len(given) for axis in cut):
        return None
    sides = list(given)
    for axis, part in cut.items():
        sides[axis] = len(range(*part.indices(given[axis])))
    return tuple(sides)


def _to_space(operator: Operator, known: Known) -> Shape | None:
    given, block = known.shape(operator), operator.integers.get("blocksize", (1,))[0]
    if given is None or len(given) != MAP_AXES or given[1] % block**2:
        return None
    return given[0], given[1] // block**2, given[2] * block, given[3] * block


def _to_depth(operator: Operator, known: Known) -> Shape | None:
    given, block = known.shape(operator), operator.integers.get("blocksize", (1,))[0]
    if given is None or len(given) != MAP_AXES or given[2] % block or given[3] % block:
        return None
    return given[0], given[1] * block**2, given[2] // block, given[3] // block


def _concatenated(operator: Operator, known: Known) -> Shape | None:
    parts = [known.shape(operator, position) for position in range(len(operator.inputs))]
    axis = operator.integers.get("axis", (0,))[0]
    shapes = [part for part in parts if part is not None]
    if len(shapes) != len(parts) or not shapes or not -len(shapes[0]) <= axis < len(shapes[0]):
        return None
    sides = list(shapes[0])
    if any(len(shape) != len(sides) for shape in shapes):
        return None
    sides[axis] = sum(shape[axis] for shape in shapes)
    return tuple(sides)


def _halves(operator: Operator, known: Known) -> Shape | None:
    """The shape of all parts of a split, where they are equal."""
    given = known.shape(operator)
    axis = operator.integers.get("axis", (0,))[0]
    lengths = operator.integers.get("split") or known.numbers(operator, 1)
    count = len(operator.outputs)
    if given is None or (lengths is None and operator.name_at(1)) or not -len(given) <= axis < len(given):
        return None
    if lengths is None and given[axis] % count == 0:
        lengths = (given[axis] // count,)
    if lengths is None or len(set(lengths)) != 1:
        return None
    sides = list(given)
    sides[axis] = lengths[0]
    return tuple(sides)


def _reshaped(operator: Operator, known: Known) -> Shape | None:
    given, wanted = known.shape(operator), operator.integers.get("shape") or known.numbers(operator, 1)
    if given is None or wanted is None or operator.integers.get("allowzero", (0,))[0]:
        return None
    if wanted.count(-1) > 1 or any(side == 0 and axis >= len(given) for axis, side in enumerate(wanted)):
        return None
    sides = [given[axis] if side == 0 else side for axis, side in enumerate(wanted)]
    count, rest = math.prod(given), math.prod(side for side in sides if side != -1)
    if (-1 in sides and rest and count % rest) or (-1 not in sides and rest != count):
        raise WrongShape(
            f"Reshape {operator.outputs[0]} makes {list(wanted)} of {list(given)}, which differs"
        )
    return tuple(count // max(rest, 1) if side == -1 else side for side in sides)


def _transposed(operator: Operator, known: Known) -> Shape | None:
    given = known.shape(operator)
    if given is None:
        return None
    order = operator.integers.get("perm") or tuple(reversed(range(len(given))))
    return tuple(given[axis] for axis in order) if sorted(order) == list(range(len(given))) else None


def _reduced(operator: Operator, known: Known) -> Shape | None:
    given = known.shape(operator)
    axes = operator.integers.get("axes") or known.numbers(operator, 1)
    if given is None or axes is None or not operator.integers.get("keepdims", (1,))[0]:
        return None
    named = {axis % len(given) for axis in axes}
    return tuple(1 if axis in named else side for axis, side in enumerate(given))


def _multiplied(operator: Operator, known: Known) -> Shape | None:
    first, second = known.shape(operator), known.shape(operator, 1)
    if first is None or second is None or min(len(first), len(second)) < 2:
        return None
    around = _spread([first[:-2], second[:-2]])
    return None if around is None else (*around, first[-2], second[-1])


def _counted(operator: Operator, known: Known) -> Shape | None:
    numbers = known.computed.get(operator.outputs[0])
    return None if numbers is None else (len(numbers),)


RULES: dict[str, Callable[[Operator, Known], Shape | None]] = {
    **dict.fromkeys(ALIKE, _alike),
    **dict.fromkeys(JOINED, _joined),
    **dict.fromkeys((*CONVOLUTIONS, *POOLINGS), _window),
    **dict.fromkeys(("GlobalAveragePool", "GlobalMaxPool"), _pooled),
    **dict.fromkeys(("Resize", "Upsample"), _resized),
    **dict.fromkeys(("ReduceMean", "ReduceMax", "ReduceMin", "ReduceSum", "ReduceL2"), _reduced),
    "Pad": _padded,
    "Slice": _sliced,
    "DepthToSpace": _to_space,
    "SpaceToDepth": _to_depth,
    "Concat": _concatenated,
    "Split": _halves,
    "Reshape": _reshaped,
    "Transpose": _transposed,
    "MatMul": _multiplied,
    "Shape": _counted,
}
