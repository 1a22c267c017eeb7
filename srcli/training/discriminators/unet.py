"""The U-Net discriminator of Real-ESRGAN (Wang et al. 2021): a verdict for every pixel."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

SLOPE = 0.2


class UnetDiscriminator(nn.Module):
    """Three strided convolutions down, three with bilinear enlargement up, and skips between equal sizes.

    Spectral norm bounds how fast verdicts change with the picture, which keeps the game stable.

    Args:
        width: channels at full resolution.
    """

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, width, 3, padding=1)
        self.down = nn.ModuleList(_normalised(width * 2**n, width * 2 ** (n + 1), 4, 2) for n in range(3))
        self.up = nn.ModuleList(_normalised(width * 2 ** (n + 1), width * 2**n, 3, 1) for n in (2, 1, 0))
        self.finish = nn.ModuleList(_normalised(width, width, 3, 1) for _ in range(2))
        self.verdict = nn.Conv2d(width, 1, 3, padding=1)

    def forward(self, picture: Tensor) -> Tensor:
        """Crops (N, 3, H, W), 0..1, sides multiples of 8, to logits (N, 1, H, W)."""
        levels = [functional.leaky_relu(self.first(picture), SLOPE)]
        for layer in self.down:
            levels.append(functional.leaky_relu(layer(levels[-1]), SLOPE))
        features = levels.pop()
        for layer in self.up:
            larger = functional.interpolate(features, scale_factor=2.0, mode="bilinear", align_corners=False)
            features = functional.leaky_relu(layer(larger), SLOPE) + levels.pop()
        for layer in self.finish:
            features = functional.leaky_relu(layer(features), SLOPE)
        verdict: Tensor = self.verdict(features)
        return verdict


def _normalised(inputs: int, outputs: int, kernel: int, stride: int) -> nn.Module:
    layer = nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=1, bias=False)
    normalised: nn.Module = spectral_norm(layer)
    return normalised
