"""The first twelve convolutions of VGG-16, which know textures and things from a million pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from srcli.training.losses.perception import BLOCKS, MEANS_BGR

if TYPE_CHECKING:
    from collections.abc import Mapping

COUNTS = (*BLOCKS[:4], 2)
"""Convolutions of each block; the thirteenth is left out, so that the file stays below 16 MB."""
UNIT = 64.0
"""Features are divided by this, which brings most of them to about one."""
WIDTHS = (64, 128, 256, 512, 512)
LEVELS = 127


class Features(NamedTuple):
    """What the encoder sees.

    Attributes:
        quarter: (N, 256, H/4, W/4), the third block: textures.
        eighth: (N, 512, H/8, W/8), the fourth: parts of things.
        sixteenth: (N, 512, H/16, W/16), the fifth but its last convolution: things.
    """

    quarter: Tensor
    eighth: Tensor
    sixteenth: Tensor


class Encoder(nn.Module):
    """VGG-16 (Simonyan and Zisserman 2015) but its last convolution, for one plane of luma; learns nothing.

    Weights are kept as 8-bit integers with a step for each output channel, which takes a quarter of the room.
    """

    def __init__(self) -> None:
        super().__init__()
        layers, inputs = {}, 1
        for block, (count, width) in enumerate(zip(COUNTS, WIDTHS, strict=True), 1):
            for number in range(1, count + 1):
                layers[f"conv{block}_{number}"] = FrozenConvolution(inputs, width)
                inputs = width
        self.layers = nn.ModuleDict(layers)

    @torch.no_grad()
    def take(self, weights: Mapping[str, Tensor]) -> None:
        """Take the weights of VGG-16, named as ``read_weights`` names them."""
        for name, layer in self.layers.items():
            weight, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
            if name == "conv1_1":
                # Blue, green and red are one plane here, 255 times luma less their mean mean.
                mean = sum(MEANS_BGR) / 3
                shifts = torch.tensor([mean - own for own in MEANS_BGR])
                bias = bias + weight.sum((2, 3)) @ shifts
                weight = weight.sum(1, keepdim=True)
            layer.take(weight, bias)  # type: ignore[operator]

    def forward(self, luma: Tensor) -> Features:
        """Luma (N, 1, H, W), 0..1, sides multiples of 16."""
        features = 255 * luma - sum(MEANS_BGR) / 3
        ends = []
        for name, layer in self.layers.items():
            if name.endswith("_1") and name != "conv1_1":
                ends.append(features / UNIT)
                features = functional.max_pool2d(features, 2)
            features = functional.relu(layer(features))
        return Features(quarter=ends[2], eighth=ends[3], sixteenth=features / UNIT)


class FrozenConvolution(nn.Module):
    """A 3x3 convolution whose weights are 8-bit integers times a step for each output channel."""

    levels: Tensor
    step: Tensor
    bias: Tensor

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.register_buffer("levels", torch.zeros(outputs, inputs, 3, 3, dtype=torch.int8))
        self.register_buffer("step", torch.ones(outputs, 1, 1, 1))
        self.register_buffer("bias", torch.zeros(outputs))

    def take(self, weight: Tensor, bias: Tensor) -> None:
        """Take weights (outputs, inputs, 3, 3) and biases (outputs,)."""
        self.step.copy_(weight.abs().amax((1, 2, 3), keepdim=True).clamp(min=1e-12) / LEVELS)
        self.levels.copy_((weight / self.step).round().to(torch.int8))
        self.bias.copy_(bias)

    def forward(self, features: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H, W)."""
        return functional.conv2d(features, self.levels.float() * self.step, self.bias, padding=1)
