"""The discriminator of SRGAN (Ledig et al. 2017): one verdict for a crop."""

from __future__ import annotations

from torch import Tensor, nn

from srcli.core.errors import UsageError

WIDTHS = (64, 64, 128, 128, 256, 256, 512, 512)
DENSE = 1024
SLOPE = 0.2
SHRINKAGE = 16


class EightBlockDiscriminator(nn.Module):
    """Eight convolutions with leaky ReLU and, after the first, batch norm; then two dense layers.

    Args:
        crop: side of the crops, a multiple of 16: every second convolution halves the sides.
    """

    def __init__(self, crop: int) -> None:
        super().__init__()
        if crop % SHRINKAGE:
            raise UsageError(f"the eight-block discriminator takes crops in multiples of 16, not {crop}")
        inputs = (3, *WIDTHS[:-1])
        layers = [
            layer for n in range(len(WIDTHS)) for layer in _block(inputs[n], WIDTHS[n], 1 + n % 2, n > 0)
        ]
        self.features = nn.Sequential(*layers)
        side = crop // SHRINKAGE
        self.verdict = nn.Sequential(
            nn.Flatten(),
            nn.Linear(WIDTHS[-1] * side * side, DENSE),
            nn.LeakyReLU(SLOPE),
            nn.Linear(DENSE, 1),
        )

    def forward(self, picture: Tensor) -> Tensor:
        """Crops (N, 3, crop, crop), 0..1, to logits (N, 1)."""
        verdict: Tensor = self.verdict(self.features(picture))
        return verdict


def _block(inputs: int, outputs: int, stride: int, normalised: bool) -> list[nn.Module]:
    convolution = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1)
    return [convolution, *([nn.BatchNorm2d(outputs)] if normalised else []), nn.LeakyReLU(SLOPE)]
