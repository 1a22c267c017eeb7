"""`plain`: convolution and ReLU only, made for 8-bit integers."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from srcli.training.architectures.layers import AnchoredShuffle, convolution, start_small


class PlainGenerator(nn.Module):
    """A stack of 3x3 convolutions with ReLU around an image-space nearest skip.

    The skip in image space keeps the quantised loss at some hundredths of a decibel; a skip in feature space
    costs 0.3 dB more (Du et al., ABPN, arXiv 2105.09750).

    Args:
        scale: factor from low to high resolution.
        channels: width of the stack.
        layers: number of hidden convolutions between head and tail.
    """

    def __init__(self, scale: int, channels: int = 32, layers: int = 10) -> None:
        super().__init__()
        self.head = convolution(3, channels)
        self.trunk = nn.ModuleList(convolution(channels, channels) for _ in range(layers))
        self.tail = start_small(convolution(channels, 3 * scale**2))
        self.shuffle = AnchoredShuffle(scale)
        self.receptive_field = layers + 2
        for layer in self.trunk:
            nn.init.kaiming_normal_(layer.weight)  # type: ignore[arg-type]

    def forward(self, picture: Tensor) -> Tensor:
        """Picture (N, 3, H, W), RGB 0..1, to (N, 3, scale*H, scale*W), unclamped."""
        features = functional.relu(self.head(picture))
        for layer in self.trunk:
            features = functional.relu(layer(features))
        enlarged: Tensor = self.shuffle(self.tail(features), picture)
        return enlarged
