"""Convolution, plain and in groups, with the activation that is fused into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.core.errors import DamagedModel
from srcli.importers.ncnn.layers.activation import fused
from srcli.importers.ncnn.layers.dense import dense
from srcli.importers.ncnn.layers.kernel import read_kernel
from srcli.importers.ncnn.layers.window import read_window

if TYPE_CHECKING:
    from srcli.importers.ncnn.graph import Blob
    from srcli.importers.ncnn.step import Step


def convolution(step: Step) -> Blob:
    """``Convolution``: every output channel sees all input channels."""
    if len(step.only().shape) == 1:
        # A picture of one pixel is a list of numbers to ncnn, and older files still convolve it.
        for key in (1, 11):
            step.parameters.expect(key, 1)
        return dense(step, bias=5, size=6)
    return _convolution(step)


def depthwise(step: Step) -> Blob:
    """``ConvolutionDepthWise``: each group of output channels sees a group of input channels."""
    return _convolution(step, step.parameters.integer(7, 1, 1), in_groups=True)


def _convolution(step: Step, group: int = 1, *, in_groups: bool = False) -> Blob:
    """A convolution in groups."""
    parameters = step.parameters
    parameters.expect(18, 0)  # what it pads with
    parameters.expect(19, 0)  # weights that another layer computes
    channels, height, width = step.picture().shape
    outputs, window = parameters.integer(0, 0, 1), read_window(parameters)
    if channels % group or outputs % group:
        raise DamagedModel(f"{channels} channels in and {outputs} out can't be in {group} groups")
    rows, columns = window.kernel
    each = channels // group * rows * columns
    kernel = read_kernel(step, outputs, each, bias=5, size=6, groups=group if in_groups else 0)
    weights = kernel.weights.reshape(outputs, channels // group, rows, columns)
    names: list[Blob | str] = [kernel.receive(step, step.picture()), step.constant("weight", weights)]
    if kernel.bias is not None:
        names.append(step.constant("bias", kernel.bias))
    shape = (outputs, *window.slid_over(height, width))
    made = step.emit("Conv", tuple(names), shape, group=group, **window.attributes())
    return kernel.give(step, fused(step, made))
