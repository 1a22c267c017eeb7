"""Which way up a video is shown."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from srcli.core.arrays import Planes

_BY_SIGNS = {
    (1, 0, 0, 1): 1,
    (-1, 0, 0, 1): 2,
    (-1, 0, 0, -1): 3,
    (1, 0, 0, -1): 4,
    (0, 1, 1, 0): 5,
    (0, 1, -1, 0): 6,
    (0, -1, -1, 0): 7,
    (0, -1, 1, 0): 8,
}
"""Exif's number by the signs of a, b, c, d, where x' = ax + cy and y' = bx + dy."""


def orientation_of(matrix: bytes) -> int | None:
    """Exif's orientation of a display matrix (ISO/IEC 14496-12, 8.3.2): nine 32-bit integers.

    Returns:
        1 to 8, or nothing for a matrix that is no quarter turn.
    """
    if len(matrix) < 36:
        return 1
    a, b, _, c, d, *_ = struct.unpack("<9i", matrix[:36])
    largest = max(abs(a), abs(b), abs(c), abs(d))
    if not largest:
        return 1
    # What is a hundredth of the largest is rounding, not a slant.
    signs = [0 if abs(value) * 100 < largest else (1 if value > 0 else -1) for value in (a, b, c, d)]
    return _BY_SIGNS.get((signs[0], signs[1], signs[2], signs[3]))


def swaps(orientation: int) -> bool:
    """Whether height and width change places."""
    return orientation >= 5


def upright(pixels: Planes, orientation: int) -> Planes:
    """Turn and mirror (height, width, channels) as Exif's orientation says; a view."""
    if swaps(orientation):
        pixels = np.swapaxes(pixels, 0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels
