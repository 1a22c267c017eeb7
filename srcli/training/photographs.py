"""Photographs to train on: found, read into memory once, and split."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from srcli.core.errors import InputError, TrainingError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"})


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
    """One picture as (3, H, W), uint8, RGB.

    Raises:
        InputError: the file can't be read as a picture.
    """
    try:
        with Image.open(path) as picture:
            levels = np.array(picture.convert("RGB"), dtype=np.uint8)
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {path}: {error}") from error
    return torch.from_numpy(levels).permute(2, 0, 1).contiguous()


def read_photographs(folder: Path, smallest_side: int) -> list[Tensor]:
    """All pictures of a folder whose sides are at least ``smallest_side`` pixels, each (3, H, W), uint8, RGB.

    Raises:
        TrainingError: there is no picture, or every picture is smaller than a crop.
        InputError: a file can't be read.
    """
    pictures = [read_photograph(path) for path in find_photographs(folder)]
    large = [picture for picture in pictures if min(picture.shape[1:]) >= smallest_side]
    if not large:
        sides = max(min(picture.shape[1:]) for picture in pictures)
        raise TrainingError(
            f"all {len(pictures)} pictures are smaller than a crop of {smallest_side} pixels (largest: {sides})",
            hint=f"lower the crop to {sides} or less",
        )
    return large


def split(pictures: Sequence[Tensor], seed: int) -> tuple[list[Tensor], list[Tensor]]:
    """Nine parts to train on and one (at least one picture) to validate on, shuffled by ``seed``.

    A single picture serves as both.
    """
    shuffled = list(pictures)
    random.Random(seed).shuffle(shuffled)
    held_out = max(1, len(shuffled) // 10)
    return shuffled[held_out:] or shuffled, shuffled[:held_out]
