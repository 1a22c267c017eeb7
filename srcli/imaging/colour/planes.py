"""Colour planes to what a generator sees, and back.

Values stay in the file's own colour space and its ICC profile is written again unchanged. A detour through
sRGB would clip what a wide space holds and round it twice, and a generator sees edges, not colorimetry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from srcli.core.arrays import Planes


def split_passes(colour: Planes) -> tuple[Planes, ...]:
    """The pictures that go through a three-channel generator, one after the other.

    Args:
        colour: (height, width, 1, 3 or 4) float32.

    Returns:
        (height, width, 3) float32 each, as ``take_pass`` gives them.
    """
    channels = colour.shape[2]
    return tuple(take_pass(channels, index)(colour) for index in range(pass_count(channels)))


def pass_count(channels: int) -> int:
    """How many pictures of three channels go through a generator for one of 1, 3 or 4 colours."""
    return 2 if channels == 4 else 1


def take_pass(channels: int, index: int) -> Callable[[Planes], Planes]:
    """What takes one of these pictures out of (height, width, ``channels``) float32.

    Returns:
        A function that gives (height, width, 3) float32: grey in three channels; RGB itself; CMYK as CMY
        (index 0) and as black in three channels (index 1).
    """
    if channels == 3:
        return lambda colour: colour
    if channels == 4 and index == 0:
        return lambda colour: np.ascontiguousarray(colour[:, :, :3])
    return lambda colour: np.repeat(colour[:, :, -1:], 3, axis=2)


def join_passes(passes: tuple[Planes, ...], channels: int) -> Planes:
    """What ``split_passes`` took apart: (height, width, ``channels``) float32.

    A plane that went in three times comes out as the mean of its three copies, so that grey is exactly
    neutral.
    """
    if channels == 1:
        return _mean(passes[0])
    if channels == 3:
        return passes[0]
    return np.concatenate((passes[0], _mean(passes[1])), axis=2)


def _mean(planes: Planes) -> Planes:
    mean: Planes = planes.mean(axis=2, dtype=np.float32, keepdims=True)
    return mean
