"""What every metric of two pictures begins with: that they can be compared, and cutting them into strips."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from srcli.core.errors import InputError, UsageError
from srcli.core.geometry import Size

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from srcli.core.arrays import Planes

# Strips become float64: this many values are 8 MiB.
_STRIP_VALUES = 1 << 20


def check_pair(result: Planes, reference: Planes, data_range: float) -> tuple[Planes, Planes]:
    """Refuse a pair that no metric can compare.

    Returns:
        Both as (height, width, channels); a grey picture may come in without its third axis.

    Raises:
        InputError: sizes or numbers of channels differ, or there is no pixel.
        UsageError: ``data_range`` is not a positive number.
    """
    result, reference = _with_channels(result), _with_channels(reference)
    if result.shape != reference.shape:
        raise InputError(
            f"the pictures differ: {describe_shape(result)} against {describe_shape(reference)}",
            hint="metrics compare pixel by pixel: resize or crop one of them first",
        )
    if result.size == 0:
        raise InputError("there is nothing to compare: the pictures have no pixels")
    if not data_range > 0:
        raise UsageError(f"data_range must be positive, not {data_range}")
    return result, reference


def _with_channels(picture: Planes) -> Planes:
    if picture.ndim == 2:
        return picture[:, :, None]
    if picture.ndim != 3:
        raise InputError(
            f"an array of shape {picture.shape} is no picture", hint="give (height, width, channels)"
        )
    return picture


def describe_shape(planes: Planes) -> str:
    """Size and channels in words, such as ``640x480 with 3 channels``."""
    height, width, channels = planes.shape
    return f"{Size(height, width)} with {channels} channel{'' if channels == 1 else 's'}"


def row_strips(planes: Planes) -> Iterator[slice]:
    """Slices of rows that cover a picture, each small enough to be held several times over as float64."""
    height, width, channels = planes.shape
    step = max(1, _STRIP_VALUES // max(1, width * channels))
    return (slice(start, start + step) for start in range(0, height, step))


def row_differences(result: Planes, reference: Planes) -> Iterator[npt.NDArray[np.float64]]:
    """Result less reference, strip by strip, as float64 arrays of the caller's own."""
    for rows in row_strips(result):
        yield np.subtract(result[rows], reference[rows], dtype=np.float64)
