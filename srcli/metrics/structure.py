"""The two factors of structural similarity, which SSIM and its multi-scale form are made of.

Source: Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to structural
similarity", IEEE Trans. Image Processing 13(4), 2004, equations 12 to 16, with the constants given there.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from srcli.core.errors import InputError
from srcli.metrics.pairs import check_pair, describe_shape

if TYPE_CHECKING:
    from srcli.core.arrays import Planes

WINDOW = 11
"""Side of the Gaussian window in pixels; its standard deviation is 1.5 pixels."""

_SIGMA = 1.5
_K1, _K2 = 0.01, 0.03

# Output pixels per side of a tile. The two filter passes are products with a banded matrix, whose idle zeros
# cost less than what BLAS gains over adding eleven shifted copies. Of the sides from 22 to 150 this one needs
# the least processor time: larger products are split among BLAS's own threads, which then contend with ours.
_TILE = 70
_THREADS = 2

Maps: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Structure:
    """Means over the area where the whole window lies inside the picture, and over the channels.

    Attributes:
        ssim: of luminance times contrast-and-structure, -1..1.
        contrast: of contrast-and-structure alone, -1..1.
    """

    ssim: float
    contrast: float


def compare_structure(result: Planes, reference: Planes, *, data_range: float) -> Structure:
    """Compare two pictures under an 11x11 Gaussian window, channel by channel, in float64.

    Args:
        result: (height, width, channels) floats, both sides at least ``WINDOW``.
        reference: the same shape.
        data_range: the largest possible value minus the smallest.

    Raises:
        InputError: the shapes differ, or are smaller than the window.
        UsageError: ``data_range`` is not positive.
    """
    result, reference = check_pair(result, reference, data_range)
    height, width, channels = result.shape
    if min(height, width) < WINDOW:
        raise InputError(
            f"SSIM needs {WINDOW}x{WINDOW} pixels, and there are {describe_shape(result)}",
            hint="use larger pictures, or shave less",
        )

    def sum_tile(place: tuple[int, int, int]) -> npt.NDArray[np.float64]:
        top, left, channel = place
        area = (slice(top, top + _TILE + WINDOW - 1), slice(left, left + _TILE + WINDOW - 1), channel)
        return _sum_tile(result[area], reference[area], data_range)

    places = product(
        range(0, height - WINDOW + 1, _TILE), range(0, width - WINDOW + 1, _TILE), range(channels)
    )
    with ThreadPoolExecutor(_THREADS) as threads:
        total = np.sum(list(threads.map(sum_tile, places)), axis=0)
    count = (height - WINDOW + 1) * (width - WINDOW + 1) * channels
    return Structure(ssim=float(total[0]) / count, contrast=float(total[1]) / count)


def _sum_tile(
    result: npt.NDArray[np.floating], reference: npt.NDArray[np.floating], data_range: float
) -> Maps:
    """Sums of SSIM and of contrast-and-structure over the valid area of one channel of a tile."""
    x, y = result.astype(np.float64), reference.astype(np.float64)
    # Only the sum of the variances is needed, so both squares share one map.
    mean_x, mean_y, square, both = _blur(np.stack([x, y, x * x + y * y, x * y]))
    c1, c2 = (_K1 * data_range) ** 2, (_K2 * data_range) ** 2
    means, mean_square = mean_x * mean_y, mean_x**2 + mean_y**2
    contrast = (2 * (both - means) + c2) / (square - mean_square + c2)
    luminance = (2 * means + c1) / (mean_square + c1)
    return np.array([(luminance * contrast).sum(), contrast.sum()])


def _blur(maps: Maps) -> Maps:
    """Gaussian means of maps (count, height, width) where the window fits: ten fewer rows and columns."""
    _, height, width = maps.shape
    return _band(height) @ maps @ _band(width).T


@cache
def _band(length: int) -> Maps:
    """The matrix (length - 10, length) that blurs a line of ``length`` values."""
    weights = np.exp(-0.5 * ((np.arange(WINDOW) - WINDOW // 2) / _SIGMA) ** 2)
    weights /= weights.sum()
    band = np.zeros((length - WINDOW + 1, length))
    for row, line in enumerate(band):
        line[row : row + WINDOW] = weights
    return band
