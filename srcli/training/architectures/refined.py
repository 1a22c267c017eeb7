"""`refined` and `refined-wide`: gated blocks, and the last convolutions among the pixels of the result."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from torch import Tensor, nn
from torch.nn import functional

from srcli.training.architectures.fast import SLOPE, GatedBlock
from srcli.training.architectures.layers import convolution, stages_of, start_small

if TYPE_CHECKING:
    from collections.abc import Iterator


class RefinedGenerator(nn.Module):
    """A head, gated blocks, repeated pixels with a convolution behind them, and a bilinear skip.

    Where each sub-pixel had filters of its own, an adversary taught them patterns that repeat with every
    input pixel: dots along edges. Nearest-neighbour enlargement and convolutions behind it, as in ESRGAN
    (Wang et al. 2018), treat nearly all sub-pixels alike, and a bilinear skip has no steps that they would
    have to hide. The last ones are narrow, because a channel there costs as much as sixteen of the trunk at
    x4.

    Args:
        scale: factor from low to high resolution.
        channels: width of the trunk.
        blocks: number of gated blocks.
        unshuffle: how many times smaller the trunk's maps are than the picture, whose sides are multiples of
            it; 2 sees twice as far for the same work.
        fine: width of the last convolutions.
        cleans: whether a convolution behind the trunk corrects the picture before the skip enlarges it.
            Noise, and that of colours above all, differs from pixel to pixel of the input, which the narrow
            convolutions at the end hardly learn to take away again.
    """

    def __init__(
        self,
        scale: int,
        channels: int,
        blocks: int = 6,
        unshuffle: int = 1,
        fine: int = 16,
        cleans: bool = False,
    ) -> None:
        super().__init__()
        self.scale = scale
        self.multiple = unshuffle
        self.head = convolution(3 * unshuffle**2, channels)
        self.trunk = nn.Sequential(*(GatedBlock(channels) for _ in range(blocks)))
        factors = ([unshuffle] if unshuffle > 1 else []) + stages_of(scale)
        self.enlarge = nn.Sequential(*_enlarging(channels, fine, factors))
        self.refine = convolution(fine, fine)
        self.finish = start_small(convolution(fine, 3))
        self.clean = start_small(convolution(channels, 3 * unshuffle**2)) if cleans else None
        trunk = 3 * blocks + 1
        reaches = [_reach(place, trunk, scale, factors) for place in range(unshuffle)]
        if cleans:
            reaches += [_reach_of_skip(place, trunk + 1, unshuffle) for place in range(unshuffle)]
        self.receptive_field = max(reaches)

    def forward(self, picture: Tensor) -> Tensor:
        """Picture (N, 3, H, W), RGB 0..1, to (N, 3, scale*H, scale*W), unclamped."""
        shuffled = picture if self.multiple == 1 else functional.pixel_unshuffle(picture, self.multiple)
        seen = self.trunk(self.head(shuffled))
        features = functional.leaky_relu(self.refine(self.enlarge(seen)), SLOPE)
        details: Tensor = self.finish(features)
        base = picture
        if self.clean is not None:
            base = picture + functional.pixel_shuffle(self.clean(seen), self.multiple)
        skip = functional.interpolate(base, scale_factor=float(self.scale), mode="bilinear")
        return details + skip


def _enlarging(channels: int, fine: int, factors: list[int]) -> Iterator[nn.Module]:
    """For each factor: larger pixels, a convolution and its activation; half the channels each time."""
    widths = [channels, *(max(fine, channels >> n) for n in range(1, len(factors))), fine]
    for factor, inputs, outputs in zip(factors, widths[:-1], widths[1:], strict=True):
        yield nn.Upsample(scale_factor=float(factor))
        yield convolution(inputs, outputs)
        yield nn.LeakyReLU(SLOPE)


def _reach(place: int, trunk: int, scale: int, factors: list[int]) -> int:
    """How many input pixels the result of one depends on, on each side.

    Args:
        place: of the pixel among those of a pixel of the trunk.
        trunk: pixels of its own that the trunk sees.
        scale: of the generator.
        factors: of the enlarging stages.
    """
    first, last = place * scale - 2, (place + 1) * scale + 1
    for factor in reversed(factors):
        first, last = (first - 1) // factor, (last + 1) // factor
    unshuffle = math.prod(factors) // scale
    first, last = (first - trunk) * unshuffle, (last + trunk + 1) * unshuffle - 1
    return max(place - first, last - place)


def _reach_of_skip(place: int, trunk: int, unshuffle: int) -> int:
    """The same by way of the corrected picture, of which a pixel of the result sees a pixel on each side."""
    first, last = (place - 1) // unshuffle - trunk, (place + 1) // unshuffle + trunk
    return max(place - first * unshuffle, (last + 1) * unshuffle - 1 - place)
