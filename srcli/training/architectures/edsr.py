"""EDSR (Lim et al. 2017): residual blocks without batch norm."""

from __future__ import annotations

from torch import Tensor, nn

from srcli.training.architectures.layers import (
    Residual,
    convolution,
    reach_of_stages,
    shuffle_stage,
    stages_of,
)


class EdsrGenerator(nn.Module):
    """Residual blocks, a global skip and sub-pixel stages.

    Args:
        scale: factor from low to high resolution.
        channels: width of the trunk; 64 is the baseline, 256 the large one.
        blocks: number of residual blocks; 16 or 32.
        residual_scale: factor on what a block adds; 0.1 keeps the large one stable.
    """

    def __init__(self, scale: int, channels: int = 64, blocks: int = 16, residual_scale: float = 1.0) -> None:
        super().__init__()
        bodies = [self._block(channels, residual_scale) for _ in range(blocks)]
        self.head = convolution(3, channels)
        self.trunk = Residual(*bodies, convolution(channels, channels))
        stages = [layer for factor in stages_of(scale) for layer in shuffle_stage(channels, factor)]
        self.upsample = nn.Sequential(*stages)
        self.tail = convolution(channels, 3)
        self.receptive_field = 1 + 2 * blocks + 1 + reach_of_stages(scale, last=1)

    def forward(self, picture: Tensor) -> Tensor:
        """Picture (N, 3, H, W), RGB 0..1, to (N, 3, scale*H, scale*W), unclamped."""
        enlarged: Tensor = self.tail(self.upsample(self.trunk(self.head(picture))))
        return enlarged

    @staticmethod
    def _block(channels: int, residual_scale: float) -> nn.Module:
        first, second = convolution(channels, channels), convolution(channels, channels)
        return Residual(first, nn.ReLU(), second, weight=residual_scale)
