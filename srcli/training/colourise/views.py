"""Small views of photographs to learn colour from, each time cut, flipped and exposed in another way."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from srcli.core.errors import TrainingError
from srcli.training.colourise.network import VIEW
from srcli.training.photographs import find_photographs, read_photograph, split
from srcli.training.ycc import to_ycc

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence
    from pathlib import Path

SHORTER_SIDE = 384
"""Photographs are kept this small."""
LEAST_CHROMA = 0.015
"""Mean distance from grey below which a picture teaches no colour."""
LEAST_SIDE = 0.55
"""The shortest side of a cut, as a share of the photograph's."""


class Photograph(NamedTuple):
    """A photograph.

    Attributes:
        path: of its file.
        levels: (3, H, W), uint8, RGB.
    """

    path: Path
    levels: Tensor


def read_small(folder: Path, without: Sequence[str]) -> list[Photograph]:
    """All coloured photographs of a folder, reduced.

    Args:
        folder: searched with its subfolders.
        without: names of subfolders to leave out.

    Raises:
        TrainingError: none is left.
        InputError: a file can't be read.
    """
    paths = [path for path in find_photographs(folder) if not set(path.parts) & set(without)]
    read = (Photograph(path, _reduce(read_photograph(path))) for path in paths)
    coloured = [photograph for photograph in read if _is_coloured(photograph.levels)]
    if len(coloured) < 2:
        raise TrainingError(f"{folder} has {len(coloured)} coloured photographs, and two are needed")
    return coloured


def divide(
    photographs: Sequence[Photograph], held_out: Sequence[str], seed: int
) -> tuple[list[Tensor], list[Tensor]]:
    """Levels of what to learn from, and of what to measure on.

    Args:
        photographs: all.
        held_out: names of subfolders to measure on, as whole sources tell most; a share of all where none
            is named.
        seed: of that share.

    Raises:
        TrainingError: one of the two is empty.
    """
    if not held_out:
        return split([photograph.levels for photograph in photographs], seed)
    held = [bool(set(photograph.path.parts) & set(held_out)) for photograph in photographs]
    if all(held) or not any(held):
        raise TrainingError(f"{sum(held)} of {len(held)} photographs are held out: {', '.join(held_out)}")
    learnt = [each.levels for each, out in zip(photographs, held, strict=True) if not out]
    return learnt, [each.levels for each, out in zip(photographs, held, strict=True) if out]


def cut_view(picture: Tensor, chance: random.Random) -> tuple[Tensor, Tensor]:
    """A view of a part of a picture (3, H, W), uint8: luma (1, V, V), and chroma (2, V/4, V/4).

    The luma is exposed, grained and blurred as old photographs are; the chroma is that of the photograph.
    """
    height, width = picture.shape[1:]
    tall, wide = (round(side * chance.uniform(LEAST_SIDE, 1)) for side in (height, width))
    top, left = chance.randint(0, height - tall), chance.randint(0, width - wide)
    part = picture[:, top : top + tall, left : left + wide]
    view = whole_view(part.flip(2) if chance.random() < 0.5 else part)
    luma, chroma = split_view(view)
    return _age(luma, chance), chroma


def whole_view(picture: Tensor) -> Tensor:
    """A picture (3, H, W), uint8, as a view (3, V, V), float32, 0..1, whatever its sides are."""
    size = (VIEW, VIEW)
    view = functional.interpolate(picture[None] / 255, size=size, mode="bilinear", antialias=True)
    return view[0]


def split_view(view: Tensor) -> tuple[Tensor, Tensor]:
    """A view (3, V, V) to its luma (1, V, V) and the mean chroma (2, V/4, V/4)."""
    ycc = to_ycc(view[None])
    return ycc[0, :1], functional.avg_pool2d(ycc[:, 1:], 4)[0]


def _age(luma: Tensor, chance: random.Random) -> Tensor:
    """Another exposure and contrast, and sometimes grain or blur."""
    aged = luma.clamp(0, 1) ** chance.uniform(0.7, 1.4)
    aged = chance.uniform(0.8, 1.1) * (aged - 0.5) + 0.5 + chance.uniform(-0.06, 0.06)
    if chance.random() < 0.3:
        aged = aged + torch.randn(aged.shape) * chance.uniform(0, 0.04)
    if chance.random() < 0.2:
        aged = functional.avg_pool2d(functional.pad(aged[None], (1, 1, 1, 1), mode="replicate"), 3, 1)[0]
    return aged.clamp(0, 1)


def _reduce(picture: Tensor) -> Tensor:
    shorter = min(picture.shape[1:])
    if shorter <= SHORTER_SIDE:
        return picture
    size = tuple(round(side * SHORTER_SIDE / shorter) for side in picture.shape[1:])
    small = functional.interpolate(picture[None].float(), size=size, mode="bilinear", antialias=True)
    return small[0].round().clamp(0, 255).to(torch.uint8)


def _is_coloured(picture: Tensor) -> bool:
    chroma = to_ycc(picture[None] / 255)[:, 1:]
    return float(chroma.norm(dim=1).mean()) >= LEAST_CHROMA
