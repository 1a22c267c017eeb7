"""`swish`: a slim residual generator with batch norm and the swish activation."""

from __future__ import annotations

from torch import Tensor, nn

from srcli.training.architectures.layers import (
    Residual,
    convolution,
    reach_of_stages,
    shuffle_stage,
    stages_of,
)

WIDTH = 20


class SwishGenerator(nn.Module):
    """Eighteen residual blocks of twenty channels, a global skip and pixel-shuffle stages.

    Swish (Ramachandran et al. 2017), ``x * sigmoid(x)``, is smooth, so gradients pass where ReLU is dead:
    what keeps so narrow a generator trainable.
    """

    def __init__(self, scale: int, blocks: int = 18) -> None:
        super().__init__()
        self.head = nn.Sequential(convolution(3, WIDTH), nn.SiLU())
        self.trunk = Residual(*(self._block() for _ in range(blocks)), convolution(WIDTH, WIDTH))
        stages = [layer for f in stages_of(scale) for layer in (*shuffle_stage(WIDTH, f), nn.SiLU())]
        self.upsample = nn.Sequential(*stages)
        self.tail = convolution(WIDTH, 3)
        self.receptive_field = 1 + 2 * blocks + 1 + reach_of_stages(scale, last=1)

    def forward(self, picture: Tensor) -> Tensor:
        """Picture (N, 3, H, W), RGB 0..1, to (N, 3, scale*H, scale*W), unclamped."""
        enlarged: Tensor = self.tail(self.upsample(self.trunk(self.head(picture))))
        return enlarged

    @staticmethod
    def _block() -> nn.Module:
        first, second = convolution(WIDTH, WIDTH), convolution(WIDTH, WIDTH)
        return Residual(first, nn.BatchNorm2d(WIDTH), nn.SiLU(), second, nn.BatchNorm2d(WIDTH))
