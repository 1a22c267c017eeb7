"""From a small view of a photograph to the likely colours of its parts."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from srcli.training.colourise.chroma import CLASSES
from srcli.training.colourise.encoder import WIDTHS, Encoder, Features

VIEW = 160
"""Side of the view in pixels; its colours are told at a quarter of that."""
CHANNELS = 96
SKIPPED = 48
MERGED = 64
DILATIONS = (1, 2, 4)
DROPPED = 0.3
"""Share of the channels that are left out at random, one by one, while the network learns."""


class Colours(nn.Module):
    """Luma of a whole photograph (N, 1, V, V), 0..1, to logits of chroma (N, CLASSES, V/4, V/4)."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.head = Head()

    def forward(self, luma: Tensor) -> Tensor:
        """See the class."""
        logits: Tensor = self.head(functional.avg_pool2d(luma, 4), self.encoder(luma))
        return logits


class Head(nn.Module):
    """What learns: from features of the encoder to logits of chroma.

    Dilated convolutions on features at an eighth of the view's size, together with coarser ones, which know
    things, and the mean of the whole view; and a convolution that joins in finer ones at a quarter.
    """

    def __init__(self) -> None:
        super().__init__()
        self.enter = _step(WIDTHS[3] + 2, CHANNELS, 1)
        self.deep = _step(WIDTHS[4], CHANNELS, 1)
        self.summary = nn.Linear(CHANNELS, CHANNELS)
        self.blocks = nn.ModuleList([_step(CHANNELS, CHANNELS, 3, dilation) for dilation in DILATIONS])
        self.drop = nn.Dropout2d(DROPPED)
        self.skip = _step(WIDTHS[2], SKIPPED, 1)
        self.merge = _step(CHANNELS + SKIPPED + 1, MERGED, 3)
        self.tell = nn.Conv2d(MERGED, CLASSES, 1)

    def forward(self, small: Tensor, seen: Features) -> Tensor:
        """The luma (N, 1, V/4, V/4) and what the encoder sees to logits (N, CLASSES, V/4, V/4)."""
        logits: Tensor = self.tell_of(small, seen.quarter, self.gather(seen))
        return logits

    def gather(self, seen: Features) -> Tensor:
        """What the whole view tells of its parts, (N, CHANNELS, V/8, V/8)."""
        deep = self.deep(self.drop(seen.sixteenth))
        features: Tensor = self.enter(torch.cat([self.drop(seen.eighth), _places(seen.eighth)], 1))
        features = features + _doubled(deep)
        features = features + self.summary(features.mean((2, 3)))[:, :, None, None]
        for block in self.blocks:
            features = features + block(features)
        return features

    def tell_of(self, small: Tensor, quarter: Tensor, gathered: Tensor) -> Tensor:
        """Logits of a part, (N, CLASSES, H, W), from its luma and textures and what was gathered about it.

        Args:
            small: (N, 1, H, W), of the view at a quarter of its size.
            quarter: (N, 256, H, W), likewise.
            gathered: (N, CHANNELS, H/2, W/2).
        """
        merged = torch.cat([_doubled(self.drop(gathered)), self.skip(quarter), small], 1)
        logits: Tensor = self.tell(self.merge(merged))
        return logits


def _doubled(features: Tensor) -> Tensor:
    return functional.interpolate(features, scale_factor=2.0, mode="bilinear")


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
