"""The generators of SRGAN and two descendants: residual blocks with batch norm between 9x9 convolutions."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from srcli.training.architectures.layers import (
    Residual,
    convolution,
    reach_of_stages,
    shuffle_stage,
    stages_of,
)

WIDTH = 64
KERNEL = 9


def normalised_block(channels: int) -> nn.Module:
    """Convolution, batch norm, PReLU, convolution, batch norm, and a skip around them."""
    return Residual(
        convolution(channels, channels),
        nn.BatchNorm2d(channels),
        nn.PReLU(channels),
        convolution(channels, channels),
        nn.BatchNorm2d(channels),
    )


def _head() -> nn.Module:
    return nn.Sequential(convolution(3, WIDTH, KERNEL), nn.PReLU(WIDTH))


def _around(*blocks: nn.Module) -> nn.Module:
    """Blocks, a convolution with batch norm, and the global skip."""
    return Residual(*blocks, convolution(WIDTH, WIDTH), nn.BatchNorm2d(WIDTH))


class SrganGenerator(nn.Module):
    """SRResNet, the generator of SRGAN (Ledig et al. 2017): residual blocks and sub-pixel stages.

    Args:
        scale: factor from low to high resolution.
        groups: number of groups of blocks.
        blocks: residual blocks in a group.
        nested: put a skip around each group as well; six groups of three make the `rir` architecture.
    """

    def __init__(self, scale: int, groups: int = 1, blocks: int = 16, nested: bool = False) -> None:
        super().__init__()
        wrap = Residual if nested else nn.Sequential
        bodies = [wrap(*(normalised_block(WIDTH) for _ in range(blocks))) for _ in range(groups)]
        self.head = _head()
        self.trunk = _around(*bodies)
        self.upsample = nn.Sequential(*(self._stage(factor) for factor in stages_of(scale)))
        self.tail = convolution(WIDTH, 3, KERNEL)
        self.receptive_field = (
            KERNEL // 2 + 2 * groups * blocks + 1 + reach_of_stages(scale, last=KERNEL // 2)
        )

    def forward(self, picture: Tensor) -> Tensor:
        """Picture (N, 3, H, W), RGB 0..1, to (N, 3, scale*H, scale*W), unclamped."""
        enlarged: Tensor = self.tail(self.upsample(self.trunk(self.head(picture))))
        return enlarged

    @staticmethod
    def _stage(factor: int) -> nn.Module:
        return nn.Sequential(*shuffle_stage(WIDTH, factor), nn.PReLU(WIDTH))


class NearestSrganGenerator(nn.Module):
    """SRGAN's residual blocks with nearest-neighbour enlargement, which leaves no checkerboard.

    A stage is a convolution to 256 channels, nearest x2 (or x3) and a leaky ReLU; a 9x9 convolution and a
    tanh end it. The tanh's -1..1 stands for 0..1.
    """

    def __init__(self, scale: int, blocks: int = 16, wide: int = 256) -> None:
        super().__init__()
        self.head = _head()
        self.trunk = _around(*(normalised_block(WIDTH) for _ in range(blocks)))
        self.factors = stages_of(scale)
        widths = [WIDTH] + [wide] * (len(self.factors) - 1)
        self.stages = nn.ModuleList(convolution(width, wide) for width in widths)
        self.tail = convolution(wide, 3, KERNEL)
        self.receptive_field = KERNEL // 2 + 2 * blocks + 1 + reach_of_stages(scale, last=KERNEL // 2)

    def forward(self, picture: Tensor) -> Tensor:
        """Picture (N, 3, H, W), RGB 0..1, to (N, 3, scale*H, scale*W), within 0..1."""
        features = self.trunk(self.head(picture))
        for factor, stage in zip(self.factors, self.stages, strict=True):
            larger = functional.interpolate(stage(features), scale_factor=float(factor), mode="nearest")
            features = functional.leaky_relu(larger, 0.2)
        enlarged: Tensor = (self.tail(features).tanh() + 1) / 2
        return enlarged
