"""Colour planes to what a generator sees, and back.

Values stay in the file's own colour space and its ICC profile is written again unchanged. A detour through
sRGB would clip what a wide space holds and round it twice, and a generator sees edges, not colorimetry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from srcli.core.arrays import Planes


def split_passes(colour: Planes) -> tuple[Planes, ...]:
    """The pictures that go through a three-channel generator, one after the other.

    Args:
        colour: (height, width, 1, 3 or 4) float32.

    Returns:
        (height, width, 3) float32 each: grey thrice; RGB itself; CMYK as CMY and as black thrice.
    """
    channels = colour.shape[2]
    if channels == 1:
        return (np.repeat(colour, 3, axis=2),)
    if channels == 3:
        return (colour,)
    return (np.ascontiguousarray(colour[:, :, :3]), np.repeat(colour[:, :, 3:], 3, axis=2))


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
