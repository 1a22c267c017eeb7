"""The discriminator of pix2pix (Isola et al. 2017): a verdict for every patch, cheap enough for a CPU."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

if TYPE_CHECKING:
    from torch import Tensor

SLOPE = 0.2


class PatchDiscriminator(nn.Module):
    """A convolution at full resolution, three strided ones and two more, which see 72 x 72 pixels.

    Spectral norm takes the place of batch norm. The first one, which isn't in pix2pix, sees patterns of
    single pixels wherever they lie. A fiftieth of the arithmetic of VGG-16, and no weights of a classifier.

    Args:
        width: channels after the first strided convolution.
    """

    def __init__(self, width: int = 24) -> None:
        super().__init__()
        widths = (width // 2, width, width * 2, width * 4)
        layers: list[nn.Module] = [nn.Conv2d(3, widths[0], 3, padding=1), nn.LeakyReLU(SLOPE)]
        for inputs, outputs in pairwise(widths):
            layers += [_normalised(inputs, outputs, stride=2), nn.LeakyReLU(SLOPE)]
        layers += [_normalised(widths[-1], width * 4, stride=1), nn.LeakyReLU(SLOPE)]
        self.layers = nn.Sequential(*layers, nn.Conv2d(width * 4, 1, 4, padding=1))

    def forward(self, picture: Tensor) -> Tensor:
        """Crops (N, 3, H, W), 0..1, sides at least 32, to logits (N, 1, H // 8 - 2, W // 8 - 2)."""
        verdict: Tensor = self.layers(picture)
        return verdict


def _normalised(inputs: int, outputs: int, stride: int) -> nn.Module:
    normalised: nn.Module = spectral_norm(nn.Conv2d(inputs, outputs, 4, stride=stride, padding=1))
    return normalised
