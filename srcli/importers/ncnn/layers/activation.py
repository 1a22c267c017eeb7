"""Activations: functions of one number, layers of their own or fused into a convolution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from srcli.core.errors import DamagedModel

if TYPE_CHECKING:
    from srcli.importers.ncnn.graph import Blob
    from srcli.importers.ncnn.step import Step

FLOAT_LIMIT = float(np.finfo(np.float32).max)
FUSED = {
    0: "nothing",
    1: "ReLU",
    2: "leaky ReLU",
    3: "clip",
    4: "sigmoid",
    5: "mish",
    6: "hard swish",
}


def fused(step: Step, blob: Blob) -> Blob:
    """What the activation inside a convolution or dense layer makes of its result."""
    match step.parameters.choice(9, 0, FUSED):
        case "ReLU":
            return step.same("Relu", blob)
        case "leaky ReLU":
            (slope,) = step.parameters.reals(10, 1)
            return step.same("LeakyRelu", blob, alpha=slope)
        case "clip":
            low, high = step.parameters.reals(10, 2)
            return _clipped(step, blob, low, high)
        case "sigmoid":
            return step.same("Sigmoid", blob)
        case "mish":
            return _mish(step, blob)
        case "hard swish":
            slope, offset = step.parameters.reals(10, 2)
            return _hard_swish(step, blob, slope, offset)
    step.parameters.reals(10)
    return blob


def relu(step: Step) -> Blob:
    """``ReLU``, leaky where it has a slope."""
    slope = step.parameters.real(0)
    return step.same("LeakyRelu", step.only(), alpha=slope) if slope else step.same("Relu", step.only())


def prelu(step: Step) -> Blob:
    """``PReLU``: max(x, 0) + slope min(x, 0), with one slope a channel or one for all."""
    blob, count = step.only(), step.parameters.integer(0, 0, 1)
    if count not in (1, blob.shape[0]):
        raise DamagedModel(f"has {count} slopes for {blob.shape[0]} channels")
    slopes = step.weights.floats(count)
    name = step.constant("slope", slopes.reshape(count, *(1,) * (len(blob.shape) - 1)))
    return step.same("PRelu", blob, name)


def clip(step: Step) -> Blob:
    """``Clip``."""
    low, high = step.parameters.real(0, -FLOAT_LIMIT), step.parameters.real(1, FLOAT_LIMIT)
    return _clipped(step, step.only(), low, high)


def sigmoid(step: Step) -> Blob:
    """``Sigmoid``."""
    return step.same("Sigmoid", step.only())


def tanh(step: Step) -> Blob:
    """``TanH``."""
    return step.same("Tanh", step.only())


def swish(step: Step) -> Blob:
    """``Swish``, also known as SiLU: x times sigmoid(x)."""
    return step.same("Mul", step.only(), step.same("Sigmoid", step.only()))


def mish(step: Step) -> Blob:
    """``Mish``: x tanh(log(1 + exp(x)))."""
    return _mish(step, step.only())


def softplus(step: Step) -> Blob:
    """``Softplus``: log(1 + exp(x))."""
    return step.same("Softplus", step.only())


def elu(step: Step) -> Blob:
    """``ELU``: x, or alpha (exp(x) - 1) below zero."""
    return step.same("Elu", step.only(), alpha=step.parameters.real(0, 0.1))


def selu(step: Step) -> Blob:
    """``SELU``: an ELU, scaled."""
    alpha, gamma = step.parameters.real(0, 1.67326324), step.parameters.real(1, 1.050700987)
    return step.same("Selu", step.only(), alpha=alpha, gamma=gamma)


def hard_sigmoid(step: Step) -> Blob:
    """``HardSigmoid``: slope x + offset, clipped to 0..1."""
    slope, offset = step.parameters.real(0, 0.2), step.parameters.real(1, 0.5)
    return step.same("HardSigmoid", step.only(), alpha=slope, beta=offset)


def hard_swish(step: Step) -> Blob:
    """``HardSwish``: x times hard sigmoid(x)."""
    return _hard_swish(step, step.only(), step.parameters.real(0, 0.2), step.parameters.real(1, 0.5))


def gelu(step: Step) -> Blob:
    """``GELU``: x times the normal distribution function, exactly or by the approximation with tanh."""
    blob = step.only()
    if step.parameters.integer(0, 0, 0, 1):
        cubed = step.same("Mul", step.same("Mul", step.same("Mul", blob, blob), blob), step.scalar(0.044715))
        inner = step.same("Mul", step.same("Add", blob, cubed), step.scalar((2 / np.pi) ** 0.5))
        share = step.same("Tanh", inner)
    else:
        share = step.same("Erf", step.same("Mul", blob, step.scalar(0.5**0.5)))
    doubled = step.same("Mul", blob, step.same("Add", share, step.scalar(1)))
    return step.same("Mul", doubled, step.scalar(0.5))


def _clipped(step: Step, blob: Blob, low: float, high: float) -> Blob:
    """Clipped to a range."""
    return step.same("Clip", blob, step.scalar(low), step.scalar(high))


def _mish(step: Step, blob: Blob) -> Blob:
    """Gate x with tanh(softplus(x))."""
    return step.same("Mul", blob, step.same("Tanh", step.same("Softplus", blob)))


def _hard_swish(step: Step, blob: Blob, slope: float, offset: float) -> Blob:
    """Gate x with its hard sigmoid."""
    return step.same("Mul", blob, step.same("HardSigmoid", blob, alpha=slope, beta=offset))
