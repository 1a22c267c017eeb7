"""The layers that srcli can translate, by ncnn's names: a new one is a function and a line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.importers.ncnn.layers import (
    activation,
    arithmetic,
    arrangement,
    convolution,
    deconvolution,
    dense,
    pooling,
    region,
    resize,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from srcli.importers.ncnn.graph import Blob
    from srcli.importers.ncnn.step import Step

TRANSLATORS: dict[str, Callable[[Step], Blob | tuple[Blob, ...]]] = {
    "AbsVal": arithmetic.absolute,
    "BatchNorm": arithmetic.batch_norm,
    "Bias": arithmetic.bias,
    "BinaryOp": arithmetic.binary,
    "Clip": activation.clip,
    "Concat": arrangement.concat,
    "Convolution": convolution.convolution,
    "ConvolutionDepthWise": convolution.depthwise,
    "Crop": region.crop,
    "Deconvolution": deconvolution.deconvolution,
    "DeconvolutionDepthWise": deconvolution.depthwise,
    "Dropout": arrangement.dropout,
    "ELU": activation.elu,
    "Eltwise": arithmetic.elementwise,
    "Flatten": arrangement.flatten,
    "GELU": activation.gelu,
    "HardSigmoid": activation.hard_sigmoid,
    "HardSwish": activation.hard_swish,
    "InnerProduct": dense.inner_product,
    "Interp": resize.interp,
    "MemoryData": arrangement.memory_data,
    "Mish": activation.mish,
    "Noop": arrangement.passed_on,
    "PReLU": activation.prelu,
    "Padding": region.padding,
    "Permute": arrangement.permute,
    "PixelShuffle": resize.pixel_shuffle,
    "Pooling": pooling.pooling,
    "ReLU": activation.relu,
    "Reduction": pooling.reduction,
    "Reshape": arrangement.reshape,
    "SELU": activation.selu,
    "Scale": arithmetic.scale,
    "ShuffleChannel": arrangement.shuffle_channel,
    "Sigmoid": activation.sigmoid,
    "Slice": arrangement.parted,
    "Softplus": activation.softplus,
    "Split": arrangement.passed_on,
    "Swish": activation.swish,
    "TanH": activation.tanh,
    "UnaryOp": arithmetic.unary,
}
