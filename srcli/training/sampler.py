"""Random pairs of crops from photographs in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.training.degradations import Degradation


@dataclass(frozen=True)
class Batch:
    """Aligned crops: ``low`` (N, 3, h, w) and ``high`` (N, 3, scale*h, scale*w), RGB 0..1, float32."""

    low: Tensor
    high: Tensor


class PairSampler:
    """Draws crops with random flips and quarter turns.

    A photograph is drawn with a chance in proportion to the square root of its area, between one vote per
    photograph and one per pixel. A deterministic degradation is applied to whole photographs once; any other
    to each batch of crops. Pictures stay on the device on which they are given.

    Args:
        photographs: (3, H, W), uint8, RGB, sides at least ``crop``.
        degradation: makes low from high.
        scale: factor between the two.
        crop: side of a high-resolution crop, a multiple of ``scale``.
    """

    def __init__(
        self, photographs: Sequence[Tensor], degradation: Degradation, scale: int, crop: int
    ) -> None:
        self.photographs = photographs
        self.degradation = degradation
        self.scale = scale
        self.crop = crop
        self.chances = torch.tensor([float(p.shape[1] * p.shape[2]) ** 0.5 for p in photographs])
        self.reduced = self._reduce_all() if degradation.deterministic else None

    def draw(self, count: int, random: torch.Generator) -> Batch:
        """A batch of ``count`` pairs; ``random`` is a CPU generator and the only source of chance."""
        chosen = torch.multinomial(self.chances, count, replacement=True, generator=random).tolist()
        pairs = [self._draw_pair(index, random) for index in chosen]
        high = torch.stack([pair[0] for pair in pairs]).float() / 255
        if self.reduced is None:
            return Batch(self.degradation(high, random), high)
        return Batch(torch.stack([pair[1] for pair in pairs]).float() / 255, high)

    def _draw_pair(self, index: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
        photograph = self.photographs[index]
        side = self.crop // self.scale
        top, left = (_below(size // self.scale - side + 1, random) for size in photograph.shape[1:])
        turn = _below(8, random)
        high = turned(_window(photograph, top * self.scale, left * self.scale, self.crop), turn)
        if self.reduced is None:
            return high, high
        return high, turned(_window(self.reduced[index], top, left, side), turn)

    def _reduce_all(self) -> list[Tensor]:
        unused = torch.Generator()
        return [_to_levels(self.degradation(p[None].float() / 255, unused)[0]) for p in self.photographs]


def turned(picture: Tensor, turn: int) -> Tensor:
    """One of the eight flips and quarter turns of a picture (C, H, W); 0 leaves it as it is."""
    if turn & 1:
        picture = picture.flip(1)
    if turn & 2:
        picture = picture.flip(2)
    return picture.transpose(1, 2) if turn & 4 else picture


def _to_levels(picture: Tensor) -> Tensor:
    return (picture * 255).round().to(torch.uint8)


def _window(picture: Tensor, top: int, left: int, side: int) -> Tensor:
    return picture[:, top : top + side, left : left + side]


def _below(limit: int, random: torch.Generator) -> int:
    return int(torch.randint(limit, (), generator=random))
