"""Arithmetic: of two blobs, of a blob and a number, and channel by channel."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.errors import DamagedModel, UnsuitableModel

if TYPE_CHECKING:
    from srcli.importers.ncnn.graph import Blob, Shape
    from srcli.importers.ncnn.step import Step
    from srcli.importers.ncnn.weights import Array

BINARY = {
    0: "Add",
    1: "Sub",
    2: "Mul",
    3: "Div",
    4: "Max",
    5: "Min",
    6: "Pow",
    7: "Sub swapped",
    8: "Div swapped",
    9: "Pow swapped",
}
SWAPPED = " swapped"
UNARY = {
    0: "Abs",
    1: "Neg",
    2: "Floor",
    3: "Ceil",
    5: "Sqrt",
    7: "Exp",
    8: "Log",
    9: "Sin",
    10: "Cos",
    11: "Tan",
    12: "Asin",
    13: "Acos",
    14: "Atan",
    15: "Reciprocal",
    16: "Tanh",
    18: "Round",
    4: "square",
    6: "reciprocal square root",
}
ELEMENTWISE = {0: "Mul", 1: "Add", 2: "Max"}


def binary(step: Step) -> Blob:
    """``BinaryOp``: of two blobs, or of a blob and the number in parameter 2."""
    kind = step.parameters.choice(0, 0, BINARY)
    if step.parameters.integer(1, 0, 0, 1):
        return _operation(step, kind, step.only(), step.scalar(step.parameters.real(2)), step.only().shape)
    step.parameters.real(2)
    first, second = step.exactly(2)
    axes = max(len(first.shape), len(second.shape))
    first, second = _spread(step, first, second.shape, axes), _spread(step, second, first.shape, axes)
    return _operation(step, kind, first, second, _broadcast(first.shape, second.shape))


def unary(step: Step) -> Blob:
    """``UnaryOp``: a function of one number."""
    blob, kind = step.only(), step.parameters.choice(0, 0, UNARY)
    if kind == "square":
        return step.same("Mul", blob, blob)
    if kind == "reciprocal square root":
        return step.same("Reciprocal", step.same("Sqrt", blob))
    return step.same(kind, blob)


def absolute(step: Step) -> Blob:
    """``AbsVal``."""
    return step.same("Abs", step.only())


def elementwise(step: Step) -> Blob:
    """``Eltwise``: product, sum (with a factor for each) or maximum of blobs of one shape."""
    kind, factors = step.parameters.choice(0, 0, ELEMENTWISE), step.parameters.reals(1)
    shapes = [blob.shape for blob in step.inputs]
    if len(set(shapes)) != 1:
        raise UnsuitableModel(f"takes blobs of shapes {shapes}, not of one")
    if factors and len(factors) != len(step.inputs):
        raise DamagedModel(f"has {len(factors)} factors for {len(step.inputs)} blobs")
    terms = list(step.inputs)
    if kind == "Add" and factors:
        terms = [_scaled(step, blob, factor) for blob, factor in zip(step.inputs, factors, strict=True)]
    return functools.reduce(lambda left, right: step.same(kind, left, right), terms)


def scale(step: Step) -> Blob:
    """``Scale``: a factor for each channel, stored or from a second blob, and an offset."""
    count = step.parameters.integer(0, 0, -233)
    if count == -233:
        step.parameters.expect(1, 0)
        blob, factors = step.exactly(2)
        if factors.shape != blob.shape[:1]:
            raise DamagedModel(f"takes {factors.shape} factors for a blob of {blob.shape}")
        return step.same("Mul", blob, _spread(step, factors, blob.shape, len(blob.shape)))
    blob = step.only()
    _check_channels(blob, count)
    result = step.same("Mul", blob, _by_channel(step, "factor", step.weights.floats(count)))
    if step.parameters.integer(1, 0, 0, 1):
        result = step.same("Add", result, _by_channel(step, "offset", step.weights.floats(count)))
    return result


def bias(step: Step) -> Blob:
    """``Bias``: an offset for each channel."""
    blob, count = step.only(), step.parameters.integer(0)
    _check_channels(blob, count)
    return step.same("Add", blob, _by_channel(step, "offset", step.weights.floats(count)))


def batch_norm(step: Step) -> Blob:
    """``BatchNorm`` with fixed statistics: (x - mean) / sqrt(variance + eps) * slope + offset."""
    blob, count = step.only(), step.parameters.integer(0)
    _check_channels(blob, count)
    slope, mean, variance, offset = (step.weights.floats(count) for _ in range(4))
    deviation = np.sqrt(variance + np.float32(step.parameters.real(1)))
    if not (deviation > 0).all():
        raise DamagedModel("its variances are not all positive")
    factor = slope / deviation
    result = step.same("Mul", blob, _by_channel(step, "factor", factor))
    return step.same("Add", result, _by_channel(step, "offset", offset - factor * mean))


def _operation(step: Step, kind: str, first: Blob, second: Blob | str, shape: Shape) -> Blob:
    """An operation on two values, in the order that its kind says."""
    if kind.endswith(SWAPPED):
        return step.emit(kind.removesuffix(SWAPPED), (second, first), shape)
    return step.emit(kind, (first, second), shape)


def _spread(step: Step, blob: Blob, other: Shape, axes: int) -> Blob:
    """A blob with as many axes as the other one, by ncnn's rule.

    Missing axes are the inner ones, against the custom elsewhere; only a list of numbers that does not fit
    the channels lies along the innermost axis.

    Source: https://github.com/Tencent/ncnn/blob/master/docs/developer-guide/binaryop-broadcasting.md
    """
    missing = axes - len(blob.shape)
    if not missing:
        return blob
    ones = (1,) * missing
    if len(blob.shape) == 1 and blob.shape[0] not in (1, other[0]):
        shape, places = ones + blob.shape, range(1, missing + 1)
    else:
        shape, places = blob.shape + ones, range(len(blob.shape) + 1, axes + 1)
    return step.emit("Unsqueeze", (blob, step.integers("axes", *places)), shape)


def _broadcast(first: Shape, second: Shape) -> Shape:
    """The shape of a result of two blobs of as many axes."""
    if any(one != other and 1 not in (one, other) for one, other in zip(first, second, strict=True)):
        raise UnsuitableModel(f"takes blobs of shapes {first} and {second}, which don't fit")
    return tuple(max(pair) for pair in zip(first, second, strict=True))


def _scaled(step: Step, blob: Blob, factor: float) -> Blob:
    """A blob times a number."""
    return blob if factor == 1 else step.same("Mul", blob, step.scalar(factor))


def _check_channels(blob: Blob, count: int) -> None:
    """Refuse values for another number of channels than there are."""
    if count != blob.shape[0]:
        raise DamagedModel(f"has values for {count} channels and takes {blob.shape[0]}")


def _by_channel(step: Step, role: str, values: Array) -> str:
    """A constant with one value for each channel."""
    return step.constant(role, values.reshape(-1, *(1,) * (len(step.inputs[0].shape) - 1)))
