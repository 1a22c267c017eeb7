"""`unshuffled`: gated blocks at half the resolution, which see twice as far for the same work."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from srcli.training.architectures.fast import GatedBlock
from srcli.training.architectures.layers import AnchoredShuffle, convolution, start_small

FACTOR = 2


class UnshuffledGenerator(nn.Module):
    """Moves space to channels, then a head, gated blocks, and one convolution into sub-pixels.

    Worn pictures lost their details to blocks and blur that are several pixels wide; what is left of them is
    found by looking further around and not finer. The pixel-unshuffle is that of Real-ESRGAN at x2.

    Args:
        scale: factor from low to high resolution.
        channels: width of the trunk.
        blocks: number of gated blocks.
    """

    multiple = FACTOR

    def __init__(self, scale: int, channels: int = 96, blocks: int = 6) -> None:
        super().__init__()
        self.head = convolution(3 * FACTOR**2, channels)
        self.trunk = nn.Sequential(*(GatedBlock(channels) for _ in range(blocks)))
        self.tail = start_small(convolution(channels, 3 * scale**2 * FACTOR**2))
        self.shuffle = AnchoredShuffle(scale)
        # The pixel beside a block of pixels still lies in it, so that one side sees a pixel less.
        self.receptive_field = FACTOR * (3 * blocks + 2) + FACTOR - 1

    def forward(self, picture: Tensor) -> Tensor:
        """Picture (N, 3, H, W), RGB 0..1, sides even, to (N, 3, scale*H, scale*W), unclamped."""
        features = self.trunk(self.head(functional.pixel_unshuffle(picture, FACTOR)))
        details = functional.pixel_shuffle(self.tail(features), FACTOR)
        enlarged: Tensor = self.shuffle(details, picture)
        return enlarged
