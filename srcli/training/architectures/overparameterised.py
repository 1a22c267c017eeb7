"""Convolutions that train with more weights than they run with."""

from __future__ import annotations

import copy
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

GAIN = 2
"""How much wider the chain is inside than the convolution that it adds to."""


class OverparameterisedConvolution(nn.Conv2d):
    """A 3x3 convolution whose kernel is the sum of a 3x3, a 1x1 and a chain 1x1, 3x3, 1x1 of twice the width.

    The branches of SPAN (Wan et al., arXiv 2311.12770), added up in weight space at every step as in SESR
    (Bhardwaj et al., arXiv 2103.09404), so that training runs one convolution only and folding is exact even
    at the border, where the padding is applied once. ``weight`` and ``bias`` are those of the 3x3 branch; the
    other branches start at zero, so that a generator takes up folded weights unchanged.

    Args:
        channels: of input and output.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(channels, channels, 3, padding=1)
        wide = GAIN * channels
        self.point = nn.Parameter(torch.zeros(channels, channels, 1, 1))
        self.expand = nn.Parameter(torch.empty(wide, channels, 1, 1))
        self.middle = nn.Parameter(torch.empty(wide, wide, 3, 3))
        self.contract = nn.Parameter(torch.zeros(channels, wide, 1, 1))
        nn.init.orthogonal_(self.expand)
        nn.init.kaiming_normal_(self.middle, nonlinearity="linear")

    def kernel(self) -> Tensor:
        """The sum of all branches, (channels, channels, 3, 3)."""
        contracted = torch.einsum("ow,wvkl->ovkl", self.contract[:, :, 0, 0], self.middle)
        chain = torch.einsum("ovkl,vi->oikl", contracted, self.expand[:, :, 0, 0])
        return self.weight + functional.pad(self.point, (1, 1, 1, 1)) + chain

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002  the name that PyTorch gives it
        """Features (N, C, H, W) to features of the same shape."""
        return functional.conv2d(input, self.kernel(), self.bias, padding=1)

    @torch.no_grad()
    def folded(self) -> nn.Conv2d:
        """The one convolution that computes the same."""
        plain = nn.Conv2d(self.in_channels, self.out_channels, 3, padding=1).to(self.weight)
        plain.weight.copy_(self.kernel())
        cast("Tensor", plain.bias).copy_(cast("Tensor", self.bias))
        return plain


def fold(generator: nn.Module) -> nn.Module:
    """A copy of a generator in which every over-parameterised convolution is a plain one."""
    folded = copy.deepcopy(generator)
    for module in list(folded.modules()):
        for name, child in module.named_children():
            if isinstance(child, OverparameterisedConvolution):
                setattr(module, name, child.folded())
    return folded
