"""Many crops out of many pictures in one go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor


@dataclass(frozen=True, slots=True)
class Places:
    """Where crops lie.

    Attributes:
        pictures: indices, (N,).
        corners: top and left, in pixels, (N, 2).
        turns: 0 to 7, one of the eight flips and quarter turns of a square, (N,): 1 flips rows, 2 flips
            columns, and then 4 swaps rows with columns.
    """

    pictures: Tensor
    corners: Tensor
    turns: Tensor

    def times(self, factor: int) -> Places:
        """The same places in pictures that are ``factor`` times as large."""
        return Places(self.pictures, self.corners * factor, self.turns)


class CropStore:
    """Pictures of any sizes in one piece of memory, where their crops are gathered.

    A batch of crops is one operation on the device that holds the pictures. Crop by crop, a GPU would wait
    for several hundred operations.

    Args:
        pictures: (C, H, W), all of one type, on one device, with the same number of channels.
    """

    def __init__(self, pictures: Sequence[Tensor]) -> None:
        self.channels = pictures[0].shape[0]
        self.levels = torch.cat([picture.flatten() for picture in pictures])
        self.device = self.levels.device
        sizes = torch.tensor([picture.numel() for picture in pictures])
        self.starts = (sizes.cumsum(0) - sizes).to(self.device)
        self.heights, self.widths = (
            torch.tensor([picture.shape[axis] for picture in pictures], device=self.device) for axis in (1, 2)
        )

    def crops(self, places: Places, side: int) -> Tensor:
        """Square crops (N, C, side, side), turned; the places must lie inside their pictures."""
        pictures, corners, turns = (
            each.to(self.device) for each in (places.pictures, places.corners, places.turns)
        )
        rows, columns = _turned(side, turns)
        rows, columns = rows + _one_each(corners[:, 0]), columns + _one_each(corners[:, 1])
        plane = _one_each(self.heights[pictures] * self.widths[pictures])
        first = _one_each(self.starts[pictures]) + rows * _one_each(self.widths[pictures]) + columns
        return torch.stack([self.levels[first + channel * plane] for channel in range(self.channels)], dim=1)


def _turned(side: int, turns: Tensor) -> tuple[Tensor, Tensor]:
    """From which row and column of its square each pixel of a turned crop comes, (N, side, side) each."""
    line = torch.arange(side, device=turns.device)
    swapped = _one_each(turns) >= 4
    rows = torch.where(swapped, line[None, :], line[:, None])
    columns = torch.where(swapped, line[:, None], line[None, :])
    flipped_rows, flipped_columns = (_one_each(turns & bit) > 0 for bit in (1, 2))
    return (
        torch.where(flipped_rows, side - 1 - rows, rows),
        torch.where(flipped_columns, side - 1 - columns, columns),
    )


def _one_each(values: Tensor) -> Tensor:
    """One value per crop, (N, 1, 1)."""
    return values[:, None, None]
