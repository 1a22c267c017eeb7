"""The weights of convolutions and of dense layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcli.core.errors import DamagedModel, UnsuitableModel

if TYPE_CHECKING:
    from srcli.importers.ncnn.step import Step
    from srcli.importers.ncnn.weights import Array

SHARED_SCALE = frozenset({2, 102})
OUTPUT_SCALE = 100
INT8_TERMS = frozenset({0, 1, 2, 101, 102})


@dataclass(frozen=True, slots=True)
class Kernel:
    """Weights, (outputs, numbers an output), and one bias an output."""

    weights: Array
    bias: Array | None


def read_kernel(step: Step, outputs: int, each: int, *, bias: int, size: int, groups: int = 0) -> Kernel:
    """Read the weights of a layer.

    Weights of 8-bit integers are divided by their scales; the layer's input stays as it is, where ncnn would
    round it to 8 bits as well.

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
    if stored.integers:
        if scales is None:
            raise DamagedModel("has weights of 8-bit integers, and no scales for them")
        values = values / scales[:, None]
    return Kernel(values, offsets)


def _scales(step: Step, outputs: int, groups: int) -> Array | None:
    """The scales behind the weights of a layer for 8-bit integers, one an output."""
    term = step.parameters.integer(8, 0)
    if term not in INT8_TERMS:
        raise UnsuitableModel(f"parameter 8 is {term}, no known kind of 8-bit weights")
    if not term:
        return None
    count = outputs if not groups else 1 if term in SHARED_SCALE else groups
    scales = step.weights.floats(count)
    step.weights.floats(2 if term > OUTPUT_SCALE else 1)  # of the layer's input and output
    if not (scales > 0).all():
        raise DamagedModel("the scales of its 8-bit weights are not all positive")
    return scales.repeat(outputs // count)
