"""From a small view of a photograph to the likely colours of its parts."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from srcli.training.colourise.chroma import CLASSES
from srcli.training.colourise.encoder import WIDTHS, Encoder

VIEW = 160
"""Side of the view in pixels; its colours are told at a quarter of that."""
CHANNELS = 128
SKIPPED = 64
MERGED = 96
DILATIONS = (1, 2, 4)


class Colours(nn.Module):
    """Luma of a whole photograph (N, 1, V, V), 0..1, to logits of chroma (N, CLASSES, V/4, V/4).

    Features of a frozen encoder, and on them a small network that learns: dilated convolutions with the mean
    of the whole view at an eighth of its size, and a convolution that joins in finer features at a quarter.
    """

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.enter = _step(WIDTHS[3] + 2, CHANNELS, 1)
        self.summary = nn.Linear(CHANNELS, CHANNELS)
        self.blocks = nn.ModuleList([_step(CHANNELS, CHANNELS, 3, dilation) for dilation in DILATIONS])
        self.drop = nn.Dropout2d(0.4)
        self.skip = _step(WIDTHS[2], SKIPPED, 1)
        self.merge = _step(CHANNELS + SKIPPED + 1, MERGED, 3)
        self.tell = nn.Conv2d(MERGED, CLASSES, 1)

    def forward(self, luma: Tensor) -> Tensor:
        """See the class."""
        return self.tell_of(luma, *self.encoder(luma))

    def tell_of(self, luma: Tensor, quarter: Tensor, eighth: Tensor) -> Tensor:
        """The same, from the luma and what the encoder makes of it."""
        features = self.enter(torch.cat([eighth, _places(eighth)], 1))
        features = self.drop(features)
        features = features + self.summary(features.mean((2, 3)))[:, :, None, None]
        for block in self.blocks:
            features = features + block(features)
        features = functional.interpolate(self.drop(features), scale_factor=2.0, mode="bilinear")
        small = functional.avg_pool2d(luma, 4)
        logits: Tensor = self.tell(self.merge(torch.cat([features, self.drop(self.skip(quarter)), small], 1)))
        return logits


def _step(inputs: int, outputs: int, side: int, dilation: int = 1) -> nn.Module:
    padding = dilation * (side // 2)
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, side, padding=padding, dilation=dilation, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def _places(features: Tensor) -> Tensor:
    """Two planes (N, 2, H, W): how far down a place lies, and how far from the middle column, each -1..1."""
    count, _, height, width = features.shape
    down = torch.linspace(-1, 1, height).to(features).view(1, 1, height, 1)
    aside = torch.linspace(-1, 1, width).to(features).abs().view(1, 1, 1, width)
    return torch.cat([down.expand(count, 1, height, width), aside.expand(count, 1, height, width)], 1)
