"""Layers and starting values that several generators share."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


def convolution(inputs: int, outputs: int, kernel: int = 3) -> nn.Conv2d:
    """A convolution that keeps height and width by zero padding; ``kernel`` is odd."""
    return nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2)


def start_small(layer: nn.Conv2d) -> nn.Conv2d:
    """Give a last convolution near-zero weights: a new generator repeats pixels and learns details."""
    nn.init.normal_(layer.weight, std=1e-3)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


class AnchoredShuffle(nn.Module):
    """Adds each input pixel to all sub-pixels that replace it, then moves channels to space.

    At scale 1 a pixel is its own sub-pixel, and what remains is a residual.

    The anchor of ABPN (Du et al., arXiv 2105.09750): a nearest-neighbour skip in image space that needs no
    resize operation and survives 8-bit integers.
    """

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.scale = scale

    def forward(self, details: Tensor, picture: Tensor) -> Tensor:
        """Details (N, 3*scale^2, H, W) and picture (N, 3, H, W) give (N, 3, scale*H, scale*W)."""
        if self.scale == 1:
            return details + picture
        # Concatenation and not repeat_interleave: it exports to a single Concat for any picture size.
        anchor = torch.cat([picture[:, channel : channel + 1] for channel in self._order()], dim=1)
        return functional.pixel_shuffle(details + anchor, self.scale)

    def _order(self) -> list[int]:
        return [channel for channel in range(3) for _ in range(self.scale**2)]


class Residual(nn.Module):
    """Layers and a skip around them: ``x + weight * layers(x)``."""

    def __init__(self, *layers: nn.Module, weight: float = 1.0) -> None:
        super().__init__()
        self.layers = nn.Sequential(*layers)
        self.weight = weight

    def forward(self, features: Tensor) -> Tensor:
        """Features (N, C, H, W) to features of the same shape."""
        change: Tensor = self.layers(features)
        return features + (change if self.weight == 1.0 else self.weight * change)


def stages_of(scale: int) -> list[int]:
    """The factors of the enlarging stages: 4 is twice 2, and any other scale is one stage."""
    return [2, 2] if scale == 4 else [scale]


def shuffle_stage(channels: int, factor: int) -> tuple[nn.Module, nn.Module]:
    """A convolution to ``factor**2`` times the channels, and the move from channels to space."""
    return convolution(channels, channels * factor**2), nn.PixelShuffle(factor)


def reach_of_stages(scale: int, last: int) -> int:
    """How many input pixels the enlarging stages and a last convolution add to the receptive field.

    Args:
        scale: factor of all stages together; each has a 3x3 convolution before it enlarges.
        last: reach of the last convolution in output pixels.
    """
    factors = stages_of(scale)
    reach = last
    for factor in reversed(factors):
        # Out of a larger grid: a reach of r pixels covers at most ceil(r / factor) pixels of the smaller one.
        reach = -(-reach // factor) + 1
    return reach
