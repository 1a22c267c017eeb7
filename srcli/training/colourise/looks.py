"""What the encoder sees in views of photographs, kept on disk: to look takes longer than to learn from it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

import torch
from numpy.lib.format import open_memmap
from torch import Tensor
from torch.nn import functional

from srcli.core.errors import TrainingError
from srcli.training.colourise.encoder import WIDTHS, Features
from srcli.training.colourise.network import VIEW
from srcli.training.colourise.views import cut_view

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np

    from srcli.core.cancel import Cancel
    from srcli.training.colourise.encoder import Encoder

SHAPES = {
    "small": (1, VIEW // 4, VIEW // 4),
    "chroma": (2, VIEW // 4, VIEW // 4),
    "quarter": (WIDTHS[2], VIEW // 4, VIEW // 4),
    "eighth": (WIDTHS[3], VIEW // 8, VIEW // 8),
    "sixteenth": (WIDTHS[4], VIEW // 16, VIEW // 16),
}


class Look(NamedTuple):
    """A batch of views, float32.

    Attributes:
        small: luma at a quarter of the view's size, (N, 1, V/4, V/4), 0..1.
        chroma: Cb and Cr at that size, (N, 2, V/4, V/4).
        seen: what the encoder sees.
    """

    small: Tensor
    chroma: Tensor
    seen: Features


class Part(NamedTuple):
    """A part of each view of a batch.

    Attributes:
        small: luma, (N, 1, H, W).
        chroma: (N, 2, H, W).
        quarter: textures, (N, 256, H, W).
        gathered: what the whole view tells of the part, (N, channels, H/2, W/2).
    """

    small: Tensor
    chroma: Tensor
    quarter: Tensor
    gathered: Tensor


class Looks:
    """Looks at views of photographs, 1.3 MB each, in files of half floats in a folder.

    Args:
        folder: theirs; what lies there already is kept.
        count: how many there are to be.

    Raises:
        TrainingError: the folder holds another count.
    """

    def __init__(self, folder: Path, count: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.count = count
        self.arrays = {name: _open(folder / f"{name}.npy", (count, *shape)) for name, shape in SHAPES.items()}
        self.mark = folder / "done"
        self.done = int(self.mark.read_text()) if self.mark.exists() else 0

    @torch.no_grad()
    def fill(self, encoder: Encoder, pictures: Sequence[Tensor], seed: int, cancel: Cancel) -> None:
        """Look at all pictures (3, H, W), uint8, in turn, until there are enough views or it is cancelled."""
        while self.done < self.count and not cancel.is_set():
            # By number, so that a run that goes on sees the views that it would have seen.
            chance = random.Random(seed * 1_000_003 + self.done)
            torch.manual_seed(seed + self.done)
            luma, chroma = cut_view(pictures[self.done % len(pictures)], chance)
            self._put(look_at(encoder, luma[None], chroma[None]))

    def take(self, numbers: Sequence[int]) -> Look:
        """The views of these numbers."""
        found = {name: torch.from_numpy(array[list(numbers)]).float() for name, array in self.arrays.items()}
        return Look(
            found["small"], found["chroma"], Features(found["quarter"], found["eighth"], found["sixteenth"])
        )

    def _put(self, look: Look) -> None:
        for name, array in self.arrays.items():
            value = getattr(look if name in Look._fields else look.seen, name)
            array[self.done] = value[0].numpy()
        self.done += 1
        temporary = self.mark.with_suffix(".new")
        temporary.write_text(str(self.done))
        temporary.replace(self.mark)


@torch.no_grad()
def look_at(encoder: Encoder, luma: Tensor, chroma: Tensor) -> Look:
    """Luma (N, 1, V, V), 0..1, and chroma (N, 2, V/4, V/4) with what the encoder sees."""
    seen = encoder(luma.contiguous(memory_format=torch.channels_last))
    return Look(functional.avg_pool2d(luma, 4), chroma, seen)


def cut_parts(look: Look, gathered: Tensor, chance: random.Random) -> Part:
    """A quarter of each view's area, anywhere: neighbours tell much the same, and half of the work is saved.

    Args:
        look: the views.
        gathered: of them, (N, channels, V/8, V/8).
        chance: where.
    """
    side = gathered.shape[2] // 2
    places = [(chance.randint(0, side), chance.randint(0, side)) for _ in gathered]

    def cut(planes: Tensor, factor: int) -> Tensor:
        parts = [
            plane[:, factor * top : factor * (top + side), factor * left : factor * (left + side)]
            for plane, (top, left) in zip(planes, places, strict=True)
        ]
        return torch.stack(parts)

    return Part(cut(look.small, 2), cut(look.chroma, 2), cut(look.seen.quarter, 2), cut(gathered, 1))


def _open(path: Path, shape: tuple[int, ...]) -> np.memmap:
    array = open_memmap(path, "r+" if path.exists() else "w+", "f2", shape)
    if array.shape != shape:
        raise TrainingError(
            f"{path.parent} has {len(array)} looks, and {shape[0]} are to be",
            hint="the photographs or the views of each changed: start in another folder",
        )
    return array
