"""Photographs to train on: found, read into memory once, and split."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
import torch

from srcli.core.errors import InputError, TrainingError
from srcli.core.geometry import Size
from srcli.imaging.decode import open_picture
from srcli.imaging.pixels.samples import to_samples

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from torch import Tensor

_T = TypeVar("_T")

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".ppm"})


def find_photographs(folder: Path) -> list[Path]:
    """All pictures below a folder, in a fixed order.

    Raises:
        TrainingError: the folder is missing or holds no picture.
    """
    if not folder.is_dir():
        raise TrainingError(f"no such folder of photographs: {folder}")
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not found:
        raise TrainingError(
            f"no photographs in {folder}", hint=f"files ending in {', '.join(sorted(SUFFIXES))} count"
        )
    return found


def read_photograph(path: Path) -> Tensor:
    """One picture as (3, H, W), uint8, RGB; grey becomes three equal channels, and alpha is dropped.

    Raises:
        InputError: the file can't be read as a picture, or is neither grey nor RGB.
    """
    return read_levels(path).expand(3, -1, -1).contiguous()


def read_levels(path: Path) -> Tensor:
    """One picture as (1 or 3, H, W), uint8, grey or RGB as its file is; alpha is dropped.

    Raises:
        InputError: the file can't be read as a picture, or is neither grey nor RGB.
    """
    with open_picture(path) as picture:
        colour = next(iter(picture.frames())).colour
    if colour.shape[2] not in (1, 3):
        raise InputError(
            f"cannot train on {path}: {colour.shape[2]} colour channels", hint="convert it to RGB"
        )
    return torch.from_numpy(np.ascontiguousarray(to_samples(colour, 8).transpose(2, 0, 1)))


def read_photographs(folder: Path, smallest_side: int) -> list[Tensor]:
    """All pictures of a folder whose sides are at least ``smallest_side`` pixels, each (3, H, W), uint8, RGB.

    Raises:
        TrainingError: there is no picture, or every picture is smaller than a crop.
        InputError: a file can't be read.
    """
    pictures = [read_photograph(path) for path in find_photographs(folder)]
    large = [picture for picture in pictures if min(picture.shape[1:]) >= smallest_side]
    if not large:
        largest = max(min(picture.shape[1:]) for picture in pictures)
        raise TrainingError(
            f"all {len(pictures)} pictures are smaller than a crop of {smallest_side} pixels",
            hint=f"set crop to {largest} or less",
        )
    return large


class Pair(NamedTuple):
    """A photograph and, where there is one, the low-resolution picture of it.

    Attributes:
        high: (3, H, W), uint8, RGB.
        low: (3, H/scale, W/scale), uint8, RGB; None where a degradation is to make it.
    """

    high: Tensor
    low: Tensor | None = None


def read_pairs(photographs: Path, low_resolution: Path, scale: int, smallest_side: int) -> list[Pair]:
    """All pictures of a folder and those of the same name in another.

    Endings don't count, nor does the ``_x4`` (or another scale) that srcli puts behind names.

    Args:
        photographs: folder, searched with its subfolders; a picture with a side below ``smallest_side``
            is left out.
        low_resolution: folder with the same subfolders.
        scale: factor between the two.
        smallest_side: of a photograph, in pixels.

    Raises:
        TrainingError: there is no picture or no pair, or the sizes of a pair don't fit.
        InputError: a file can't be read.
    """
    lows = {_name(path, low_resolution): path for path in find_photographs(low_resolution)}
    highs = {
        _name(path, photographs).removesuffix(f"_x{scale}"): path for path in find_photographs(photographs)
    }
    for name, path in highs.items():
        if name not in lows:
            raise TrainingError(
                f"{path} has no low-resolution picture in {low_resolution}", hint=f"{name} with any ending"
            )
    pairs = [_read_pair(path, lows[name], scale) for name, path in highs.items()]
    large = [pair for pair in pairs if min(pair.high.shape[1:]) >= smallest_side]
    if not large:
        raise TrainingError(f"all {len(pairs)} pictures are smaller than a crop of {smallest_side} pixels")
    return large


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).with_suffix("").as_posix()


def _read_pair(high: Path, low: Path, scale: int) -> Pair:
    levels, low_levels = read_photograph(high), read_photograph(low)
    size, wanted = Size(*levels.shape[1:]), Size(*low_levels.shape[1:]).scaled(scale)
    if size != wanted:
        raise TrainingError(f"{high} is {size} where {low} wants {wanted} at x{scale}")
    return Pair(levels, low_levels)


def split(pictures: Sequence[_T], seed: int) -> tuple[list[_T], list[_T]]:
    """Nine parts to train on and one (at least one picture) to validate on, shuffled by ``seed``.

    A single picture serves as both.
    """
    shuffled = list(pictures)
    random.Random(seed).shuffle(shuffled)
    held_out = max(1, len(shuffled) // 10)
    return shuffled[held_out:] or shuffled, shuffled[:held_out]
