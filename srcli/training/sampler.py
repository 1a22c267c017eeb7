"""Random pairs of crops from photographs in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from srcli.training.crops import CropStore, Places
from srcli.training.degradations import degrade_levels
from srcli.training.degradations.levels import levels_to_unit
from srcli.training.shift import NOWHERE
from srcli.training.synthetic import draw_synthetic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from srcli.training.degradations import Degradation
    from srcli.training.shift import Shift


@dataclass(frozen=True, slots=True)
class Batch:
    """Aligned crops, RGB 0..1, float32.

    Attributes:
        low: (N, 3, h, w).
        high: (N, 3, scale*h, scale*w).
        averaged: what the averaged generator makes of ``low``; only for losses that look at it.
        shift: where strided networks look at the crops from.
    """

    low: Tensor
    high: Tensor
    averaged: Tensor | None = None
    shift: Shift = NOWHERE


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
        synthetic_share: share of crops that are flat, white, patterned or text instead of photographed.
        lows: (3, H/scale, W/scale) each, uint8, RGB, of all photographs, instead of what ``degradation``
            makes of them.
    """

    def __init__(
        self,
        photographs: Sequence[Tensor],
        degradation: Degradation,
        scale: int,
        crop: int,
        synthetic_share: float = 0.0,
        lows: Sequence[Tensor] | None = None,
    ) -> None:
        self.degradation = degradation
        self.scale = scale
        self.crop = crop
        self.synthetic_share = synthetic_share
        self.chances = torch.tensor([float(p.shape[1] * p.shape[2]) ** 0.5 for p in photographs])
        self.limits = torch.tensor(
            [[size // scale - crop // scale for size in p.shape[1:]] for p in photographs]
        )
        self.high = CropStore(photographs)
        if lows is None and degradation.deterministic:
            lows = [degrade_levels(photograph, degradation) for photograph in photographs]
        self.low = None if lows is None else CropStore(lows)

    def draw(self, count: int, random: torch.Generator) -> Batch:
        """A batch of ``count`` pairs; ``random`` is a CPU generator and the only source of chance."""
        places = self._places(count, random)
        high = self.high.crops(places.times(self.scale), self.crop)
        low = None if self.low is None else self.low.crops(places, self.crop // self.scale)
        synthetic = torch.rand(count, generator=random) < self.synthetic_share
        for index in synthetic.nonzero().flatten().tolist():
            high[index] = draw_synthetic(self.crop, random).to(high.device)
            if low is not None:
                low[index] = degrade_levels(high[index], self.degradation, random)
        wanted = levels_to_unit(high)
        return Batch(self.degradation(wanted, random) if low is None else levels_to_unit(low), wanted)

    def _places(self, count: int, random: torch.Generator) -> Places:
        """Random places on the low-resolution grid, each as likely as any other in its photograph."""
        chosen = torch.multinomial(self.chances, count, replacement=True, generator=random)
        room = self.limits[chosen] + 1
        corners = (torch.rand(count, 2, generator=random) * room).long().minimum(room - 1)
        return Places(chosen, corners, torch.randint(8, (count,), generator=random))
