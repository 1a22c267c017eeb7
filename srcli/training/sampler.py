"""Random pairs of crops from photographs in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from srcli.training.degradations.chance import happens
from srcli.training.synthetic import draw_synthetic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from srcli.training.degradations import Degradation


@dataclass(frozen=True, slots=True)
class Batch:
    """Aligned crops, RGB 0..1, float32.

    Attributes:
        low: (N, 3, h, w).
        high: (N, 3, scale*h, scale*w).
        averaged: what the averaged generator makes of ``low``; only for losses that look at it.
    """

    low: Tensor
    high: Tensor
    averaged: Tensor | None = None


class PairSampler:
    """Draws crops with random flips and quarter turns.

    A photograph is drawn with a chance in proportion to the square root of its area, between one vote per
    photograph and one per pixel. A deterministic degradation is applied to whole photographs once, any other
    to each batch of crops, on the device on which the photographs are given.

    Args:
        photographs: (3, H, W), uint8, RGB, sides at least ``crop``.
        degradation: makes low from high.
        scale: factor between the two.
        crop: side of a high-resolution crop, a multiple of ``scale``.
        synthetic_share: share of crops that are flat, white or text instead of photographed.
    """

    def __init__(
        self,
        photographs: Sequence[Tensor],
        degradation: Degradation,
        scale: int,
        crop: int,
        synthetic_share: float = 0.0,
    ) -> None:
        self.photographs = photographs
        self.degradation = degradation
        self.scale = scale
        self.crop = crop
        self.synthetic_share = synthetic_share
        self.device = photographs[0].device
        self.chances = torch.tensor([float(p.shape[1] * p.shape[2]) ** 0.5 for p in photographs])
        self.reduced = self._reduce_all() if degradation.deterministic else None

    def draw(self, count: int, random: torch.Generator) -> Batch:
        """A batch of ``count`` pairs; ``random`` is a CPU generator and the only source of chance."""
        chosen = torch.multinomial(self.chances, count, replacement=True, generator=random).tolist()
        pairs = [self._draw_pair(index, random) for index in chosen]
        high = _to_unit(torch.stack([high for high, _ in pairs]))
        if self.reduced is None:
            return Batch(self.degradation(high, random), high)
        return Batch(_to_unit(torch.stack([low for _, low in pairs])), high)

    def _draw_pair(self, index: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
        if self.synthetic_share and happens(self.synthetic_share, random):
            return self._synthetic_pair(random)
        photograph = self.photographs[index]
        side = self.crop // self.scale
        top, left = (_below(size // self.scale - side + 1, random) for size in photograph.shape[1:])
        turn = _below(8, random)
        high = turned(_window(photograph, top * self.scale, left * self.scale, self.crop), turn)
        if self.reduced is None:
            return high, high
        return high, turned(_window(self.reduced[index], top, left, side), turn)

    def _synthetic_pair(self, random: torch.Generator) -> tuple[Tensor, Tensor]:
        high = draw_synthetic(self.crop, random).to(self.device)
        return high, high if self.reduced is None else self._reduce(high)

    def _reduce_all(self) -> list[Tensor]:
        return [self._reduce(photograph) for photograph in self.photographs]

    def _reduce(self, high: Tensor) -> Tensor:
        # A deterministic degradation asks this generator for nothing.
        low = self.degradation(_to_unit(high[None]), torch.Generator())[0]
        return (low * 255).round().to(torch.uint8)


def turned(picture: Tensor, turn: int) -> Tensor:
    """One of the eight flips and quarter turns of a picture (C, H, W); 0 leaves it as it is."""
    if turn & 1:
        picture = picture.flip(1)
    if turn & 2:
        picture = picture.flip(2)
    return picture.transpose(1, 2) if turn & 4 else picture


def _to_unit(levels: Tensor) -> Tensor:
    return levels.float() / 255


def _window(picture: Tensor, top: int, left: int, side: int) -> Tensor:
    return picture[:, top : top + side, left : left + side]


def _below(limit: int, random: torch.Generator) -> int:
    return int(torch.randint(limit, (), generator=random))
