"""Layers and starting values that several generators share."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


def convolution(inputs: int, outputs: int, kernel: int = 3) -> nn.Conv2d:
    """A convolution that keeps height and width by zero padding; ``kernel`` is odd."""
    return nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2)


def start_small(layer: nn.Conv2d) -> nn.Conv2d:
    """Give a last convolution near-zero weights, so that a new generator repeats pixels and learns the rest."""
    nn.init.normal_(layer.weight, std=1e-3)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


class AnchoredShuffle(nn.Module):
    """Adds each input pixel to all sub-pixels that replace it, then moves channels to space.

    The anchor of ABPN (Du et al., arXiv 2105.09750): a nearest-neighbour skip in image space that needs no
    resize operation and survives 8-bit integers.
    """

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.scale = scale

    def forward(self, details: Tensor, picture: Tensor) -> Tensor:
        """Details (N, 3*scale^2, H, W) and picture (N, 3, H, W) give (N, 3, scale*H, scale*W)."""
        # Concatenation and not repeat_interleave: it exports to a single Concat for any picture size.
        anchor = torch.cat([picture[:, channel : channel + 1] for channel in self._order()], dim=1)
        return functional.pixel_shuffle(details + anchor, self.scale)

    def _order(self) -> list[int]:
        return [channel for channel in range(3) for _ in range(self.scale**2)]
