"""Convolutions that train with more weights than they run with.

Whether that helps depends on the optimiser. With Muon it did not: `fast` at x2 reached the same PSNR on the
validation split after 1,200 steps with and without (34.461 and 34.465 dB, one run each), and its steps took a
tenth longer. So it is a setting of a run, off by default. Every generator is folded before it is exported.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Callable

GAIN = 2
"""How much wider the chain is inside than the convolution that it adds to."""


class OverparameterisedConvolution(nn.Conv2d):
    """A 3x3 convolution whose kernel is the sum of a 3x3, a 1x1 and a chain 1x1, 3x3, 1x1 of twice the width.

    The branches of SPAN (Wan et al., arXiv 2311.12770), added up in weight space at every step as in SESR
    (Bhardwaj et al., arXiv 2103.09404), so that training runs one convolution only and folding is exact even
    at the border, where the padding is applied once. ``weight`` and ``bias`` are those of the 3x3 branch; the
    other branches start at zero, so that at first it computes what the convolution does that it is made of.

    Args:
        layer: a convolution for which ``can_grow`` is true.
    """

    def __init__(self, layer: nn.Conv2d) -> None:
        channels, wide = layer.in_channels, GAIN * layer.in_channels
        super().__init__(channels, channels, 3, padding=1, bias=layer.bias is not None)
        self.load_state_dict(layer.state_dict())
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
        plain = nn.Conv2d(self.in_channels, self.out_channels, 3, padding=1, bias=self.bias is not None)
        plain.weight = nn.Parameter(self.kernel())
        plain.bias = self.bias
        return plain


def can_grow(layer: nn.Module) -> bool:
    """Whether a layer is a 3x3 convolution that keeps size and channels, as those of a trunk are."""
    if type(layer) is not nn.Conv2d or layer.in_channels != layer.out_channels:
        return False
    return (layer.kernel_size, layer.padding, layer.stride) == ((3, 3), (1, 1), (1, 1)) and layer.groups == 1


def overparameterise(generator: nn.Module) -> nn.Module:
    """A copy of a generator whose trunk trains with more weights; it computes the same at first."""
    return _replace(generator, can_grow, lambda layer: OverparameterisedConvolution(cast("nn.Conv2d", layer)))


def fold(generator: nn.Module) -> nn.Module:
    """A copy of a generator in which every over-parameterised convolution is a plain one."""
    return _replace(
        generator,
        lambda layer: isinstance(layer, OverparameterisedConvolution),
        lambda layer: cast("OverparameterisedConvolution", layer).folded(),
    )


def _replace(
    generator: nn.Module, fits: Callable[[nn.Module], bool], change: Callable[[nn.Module], nn.Module]
) -> nn.Module:
    """A copy of a generator with the layers that fit changed."""
    result = copy.deepcopy(generator)
    for module in list(result.modules()):
        for name, child in module.named_children():
            if fits(child):
                setattr(module, name, change(child))
    return result
