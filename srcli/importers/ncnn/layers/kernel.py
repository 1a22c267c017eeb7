"""The weights of convolutions and of dense layers, and what layers for 8-bit integers do to their input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.errors import DamagedModel, UnsuitableModel

if TYPE_CHECKING:
    from srcli.importers.ncnn.graph import Blob
    from srcli.importers.ncnn.step import Step
    from srcli.importers.ncnn.weights import Array

SHARED_SCALE = frozenset({2, 102})
OUTPUT_SCALE = 100
INT8_TERMS = frozenset({0, 1, 2, 101, 102})
LARGEST_LEVEL = 127


@dataclass(frozen=True, slots=True)
class Scales:
    """Levels for a unit of each output's weights, of the input, and of the output where that is rounded."""

    weights: Array
    input: float
    output: float | None


@dataclass(frozen=True, slots=True)
class Kernel:
    """Weights, (outputs, numbers an output), one bias an output, and scales where the layer rounds."""

    weights: Array
    bias: Array | None
    scales: Scales | None

    def receive(self, step: Step, blob: Blob) -> Blob:
        """The input as the layer sees it."""
        return blob if self.scales is None else _rounded(step, blob, self.scales.input)

    def give(self, step: Step, blob: Blob) -> Blob:
        """The output as the next layer sees it."""
        if self.scales is None or self.scales.output is None:
            return blob
        return _rounded(step, blob, self.scales.output)


def read_kernel(step: Step, outputs: int, each: int, *, bias: int, size: int, groups: int = 0) -> Kernel:
    """Read the weights of a layer.

    Weights of 8-bit integers become floats, rounded as they were; so is what goes through the layer.

    Args:
        step: the layer.
        outputs: how many numbers or channels it gives.
        each: how many weights each of those has.
        bias: key of the parameter that says whether there is a bias.
        size: key of the parameter that gives the number of weights.
        groups: the number of groups of a layer that stores one scale a group; 0 for one an output.

    Raises:
        DamagedModel: the layer's sizes contradict one another, or the weights end early.
    """
    has_bias, count = step.parameters.integer(bias, 0, 0, 1), step.parameters.integer(size)
    if count != outputs * each:
        raise DamagedModel(f"has {count} weights, where its sizes need {outputs} times {each}")
    stored = step.weights.tagged(count)
    values = stored.values.reshape(outputs, each)
    offsets = step.weights.floats(outputs) if has_bias else None
    scales = _scales(step, outputs, groups)
    if scales is not None:
        levels = scales.weights[:, np.newaxis]
        whole = (
            values if stored.integers else np.clip(np.rint(values * levels), -LARGEST_LEVEL, LARGEST_LEVEL)
        )
        values = whole / levels
    elif stored.integers:
        raise DamagedModel("has weights of 8-bit integers, and no scales for them")
    return Kernel(values, offsets, scales)


def _scales(step: Step, outputs: int, groups: int) -> Scales | None:
    """The scales behind the weights of a layer for 8-bit integers."""
    term = step.parameters.integer(8, 0)
    if term not in INT8_TERMS:
        raise UnsuitableModel(f"parameter 8 is {term}, no known kind of 8-bit weights")
    if not term:
        return None
    count = outputs if not groups else 1 if term in SHARED_SCALE else groups
    weights, given = step.weights.floats(count), step.weights.floats(1)
    made = step.weights.floats(1) if term > OUTPUT_SCALE else None
    if not all((values > 0).all() for values in (weights, given, made) if values is not None):
        raise DamagedModel("the scales of its 8-bit integers are not all positive")
    output = None if made is None else float(made[0])
    return Scales(weights.repeat(outputs // count), float(given[0]), output)


def _rounded(step: Step, blob: Blob, scale: float) -> Blob:
    """Numbers rounded to the levels that 8 bits have."""
    whole = step.same("Round", step.same("Mul", blob, step.scalar(scale)))
    limited = step.same("Clip", whole, step.scalar(-LARGEST_LEVEL), step.scalar(LARGEST_LEVEL))
    return step.same("Div", limited, step.scalar(scale))
