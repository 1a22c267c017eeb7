"""`best`: a plain residual trunk at low resolution."""

from __future__ import annotations

from torch import Tensor, nn

from srcli.training.architectures.layers import AnchoredShuffle, Residual, convolution, start_small


class ResidualGenerator(nn.Module):
    """Residual blocks of three convolutions, a long skip, and one convolution into sub-pixels.

    The R16F96 shape of ArtCNN: no convolution at high resolution, no attention, so that tiles are exact and a
    GPU runs it at its best.

    Args:
        scale: factor from low to high resolution.
        channels: width of the trunk.
        blocks: number of residual blocks.
    """

    def __init__(self, scale: int, channels: int = 96, blocks: int = 16) -> None:
        super().__init__()
        self.head = convolution(3, channels)
        self.trunk = Residual(
            *(self._block(channels) for _ in range(blocks)), convolution(channels, channels)
        )
        self.tail = start_small(convolution(channels, 3 * scale**2))
        self.shuffle = AnchoredShuffle(scale)
        self.receptive_field = 3 * blocks + 3

    def forward(self, picture: Tensor) -> Tensor:
        """Picture (N, 3, H, W), RGB 0..1, to (N, 3, scale*H, scale*W), unclamped."""
        enlarged: Tensor = self.shuffle(self.tail(self.trunk(self.head(picture))), picture)
        return enlarged

    @staticmethod
    def _block(channels: int) -> nn.Module:
        first, second, third = (convolution(channels, channels) for _ in range(3))
        # Blocks start as the identity: deep plain trunks learn at high rates only so.
        nn.init.normal_(third.weight, std=1e-3)
        return Residual(first, nn.ReLU(), second, nn.ReLU(), third)
