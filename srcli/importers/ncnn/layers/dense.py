"""Dense layers: every output is a weighted sum of all inputs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from srcli.importers.ncnn.layers.activation import fused
from srcli.importers.ncnn.layers.kernel import read_kernel

if TYPE_CHECKING:
    from srcli.importers.ncnn.graph import Blob
    from srcli.importers.ncnn.step import Step


def inner_product(step: Step) -> Blob:
    """``InnerProduct``."""
    return dense(step, bias=1, size=2)


def dense(step: Step, *, bias: int, size: int) -> Blob:
    """A dense layer whose parameters ``bias`` and ``size`` say whether it has a bias and how many weights."""
    blob, outputs = step.only(), step.parameters.integer(0, 0, 1)
    kernel = read_kernel(step, outputs, math.prod(blob.shape), bias=bias, size=size)
    if len(blob.shape) > 1:
        blob = step.emit("Flatten", (blob,), (math.prod(blob.shape),), axis=1)
    names: list[Blob | str] = [kernel.receive(step, blob), step.constant("weight", kernel.weights)]
    if kernel.bias is not None:
        names.append(step.constant("bias", kernel.bias))
    return fused(step, step.emit("Gemm", tuple(names), (outputs,), transB=1))
