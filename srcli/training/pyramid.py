"""Photographs at reduced sizes beside the originals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.training.degradations import degrade_levels
from srcli.training.degradations.bicubic import BicubicReduction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor


def add_reduced(pictures: Sequence[Tensor], halvings: int, smallest_side: int) -> list[Tensor]:
    """The pictures, then each of them halved once, twice and so on, as far as their sides allow.

    What a camera writes is soft from pixel to pixel: a generator that sees nothing else learns little about
    the sharp pictures that most people look at, which have been reduced.

    Args:
        pictures: (3, H, W), uint8, RGB.
        halvings: how many times each is halved.
        smallest_side: a picture with a smaller side is left out, in pixels.
    """
    halve = BicubicReduction(2)
    level, pyramid = list(pictures), list(pictures)
    for _ in range(halvings):
        large = [picture for picture in level if min(picture.shape[1:]) >= 2 * smallest_side]
        level = [degrade_levels(picture, halve) for picture in large]
        pyramid += level
    return pyramid
