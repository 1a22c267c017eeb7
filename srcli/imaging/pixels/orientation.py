"""The eight orientations of EXIF (tag 274, EXIF 2.32 section 4.6.4), on arrays."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from srcli.core.geometry import Size

_Number = TypeVar("_Number", bound=np.generic)

_TURNED = frozenset({5, 6, 7, 8})


def bake(array: npt.NDArray[_Number], orientation: int) -> npt.NDArray[_Number]:
    """Turn an array (height, width, ...) upright; unknown orientations turn nothing."""
    if orientation in _TURNED:
        array = array.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        array = array[::-1]
    if orientation in (2, 3, 6, 7):
        array = array[:, ::-1]
    return np.ascontiguousarray(array)


def baked_size(size: Size, orientation: int) -> Size:
    """The size of a picture once its orientation is baked in."""
    return Size(size.width, size.height) if orientation in _TURNED else size
