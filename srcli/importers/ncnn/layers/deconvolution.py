"""Deconvolution (transposed convolution), plain and in groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from srcli.core.errors import DamagedModel, UnsuitableModel
from srcli.importers.ncnn.layers.activation import fused
from srcli.importers.ncnn.layers.kernel import read_kernel
from srcli.importers.ncnn.layers.window import LARGEST_PAD, read_window

if TYPE_CHECKING:
    from srcli.importers.ncnn.graph import Blob, Shape
    from srcli.importers.ncnn.layers.window import Window
    from srcli.importers.ncnn.step import Step


def deconvolution(step: Step) -> Blob:
    """``Deconvolution``: every input channel adds to all output channels."""
    return _deconvolution(step, group=1)


def depthwise(step: Step) -> Blob:
    """``DeconvolutionDepthWise``: each group of input channels adds to a group of output channels."""
    return _deconvolution(step, step.parameters.integer(7, 1, 1))


def _deconvolution(step: Step, group: int) -> Blob:
    """A deconvolution in groups."""
    parameters = step.parameters
    for key in (8, 20, 21, 28):  # 8-bit integers, an output size of its own, weights that a layer computes
        parameters.expect(key, 0)
    channels = step.picture().shape[0]
    outputs, window = parameters.integer(0, 0, 1), read_window(parameters)
    if channels % group or outputs % group or window.automatic:
        raise DamagedModel(f"{channels} channels in, {outputs} out, {group} groups, padding {window.pads}")
    more_columns = parameters.integer(18, 0, 0, LARGEST_PAD)
    more = parameters.integer(19, more_columns, 0, LARGEST_PAD), more_columns
    if any(m >= max(s, d) for m, s, d in zip(more, window.stride, window.dilation, strict=True)):
        raise UnsuitableModel(f"adds {more} pixels to steps of {window.stride}")
    rows, columns = window.kernel
    kernel = read_kernel(step, outputs, channels // group * rows * columns, bias=5, size=6)
    # By group, ncnn stores (outputs, inputs, rows, columns) and ONNX (inputs, outputs, rows, columns).
    weights = kernel.weights.reshape(group, outputs // group, channels // group, rows, columns)
    weights = weights.swapaxes(1, 2).reshape(channels, outputs // group, rows, columns)
    names: list[Blob | str] = [step.picture(), step.constant("weight", np.ascontiguousarray(weights))]
    if kernel.bias is not None:
        names.append(step.constant("bias", kernel.bias))
    words = {**window.attributes(), "group": group, "output_padding": [*more]}
    shape = (outputs, *_spread(step.picture().shape, window, more))
    return fused(step, step.emit("ConvTranspose", tuple(names), shape, **words))


def _spread(shape: Shape, window: Window, more: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns of the output."""
    top, left, bottom, right = window.pads
    (down, across), (rows, columns) = window.stride, window.extent
    return (
        (shape[1] - 1) * down + rows + more[0] - top - bottom,
        (shape[2] - 1) * across + columns + more[1] - left - right,
    )
