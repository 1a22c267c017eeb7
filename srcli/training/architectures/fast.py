"""`fast` and `balanced`: narrow gated generators."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from srcli.training.architectures.layers import AnchoredShuffle, convolution, start_small

# With plain ReLUs, Muon drove every channel of three of the five second convolutions below zero, where they
# stay: the trained generator saw 8 pixels around it instead of 17. onnxruntime fuses both kinds alike.
SLOPE = 0.1

# On photographs the gates of a trained generator leave 0 to 2 in some hundredths of the values, by little. On
# a checkerboard of single pixels they reached -6.6 to 4.8 where nothing held them, and five of them in a row
# made an output of -19 to 14. onnxruntime fuses the limit into the convolution.
GATE_LIMIT = 2.0


class GatedBlock(nn.Module):
    """Three 3x3 convolutions and a gate: ``(x + f(x)) * g(f(x))`` with a 1x1 convolution g.

    After SPANV2 (NTIRE 2026 efficient super-resolution), with a limit on the gate. The gate starts at one and
    f at nearly zero, because a product of two unscaled branches fades to nothing within a few blocks and then
    doesn't train; and a block that is added to a trained trunk changes nothing at first.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = convolution(channels, channels)
        self.second = convolution(channels, channels)
        self.third = start_small(convolution(channels, channels))
        self.gate = convolution(channels, channels, kernel=1)
        for layer in (self.first, self.second):
            nn.init.kaiming_normal_(layer.weight)
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
        nn.init.normal_(self.gate.weight, std=0.05)
        nn.init.ones_(self.gate.bias)  # type: ignore[arg-type]

    def forward(self, features: Tensor) -> Tensor:
        """Features (N, C, H, W) to features of the same shape."""
        inner = functional.leaky_relu(self.first(features), SLOPE)
        inner = functional.leaky_relu(self.second(inner), SLOPE)
        inner = self.third(inner)
        gated: Tensor = (features + inner) * self.gate(inner).clamp(0.0, GATE_LIMIT)
        return gated


class GatedGenerator(nn.Module):
    """A head, gated blocks, and one convolution into sub-pixels around an image-space nearest skip.

    Args:
        scale: factor from low to high resolution.
        channels: width of the trunk; multiples of 16 run best in onnxruntime.
        blocks: number of gated blocks.
    """

    def __init__(self, scale: int, channels: int, blocks: int) -> None:
        super().__init__()
        self.head = convolution(3, channels)
        self.trunk = nn.Sequential(*(GatedBlock(channels) for _ in range(blocks)))
        self.tail = start_small(convolution(channels, 3 * scale**2))
        self.shuffle = AnchoredShuffle(scale)
        self.receptive_field = 3 * blocks + 2

    def forward(self, picture: Tensor) -> Tensor:
        """Picture (N, 3, H, W), RGB 0..1, to (N, 3, scale*H, scale*W), unclamped."""
        enlarged: Tensor = self.shuffle(self.tail(self.trunk(self.head(picture))), picture)
        return enlarged
