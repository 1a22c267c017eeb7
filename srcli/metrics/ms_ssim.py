"""Multi-scale structural similarity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from srcli.core.errors import InputError
from srcli.metrics.pairs import check_pair, describe_shape
from srcli.metrics.structure import WINDOW, compare_structure

if TYPE_CHECKING:
    from srcli.core.arrays import Planes

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""Exponents of the five scales, finest first."""

SMALLEST_SIDE = (WINDOW - 1) * 2 ** (len(WEIGHTS) - 1) + 1


def ms_ssim(result: Planes, reference: Planes, *, data_range: float) -> float:
    """Structural similarity over five scales; 1 for identical pictures.

    Source: Wang, Simoncelli and Bovik, "Multi-scale structural similarity for image quality assessment",
    Asilomar 2003, equation 7 and the weights of section 3.2; halving by the mean of 2x2 pixels as in their
    code. A negative factor, which a fractional exponent would turn complex, counts as zero.

    Args:
        result: (height, width, channels) floats, both sides at least ``SMALLEST_SIDE``.
        reference: the same shape.
        data_range: the largest possible value minus the smallest.

    Raises:
        InputError: the shapes differ, or are too small for five scales.
        UsageError: ``data_range`` is not positive.
    """
    result, reference = check_pair(result, reference, data_range)
    if min(result.shape[:2]) < SMALLEST_SIDE:
        raise InputError(
            f"MS-SSIM needs {SMALLEST_SIDE}x{SMALLEST_SIDE} pixels, and there are {describe_shape(result)}",
            hint="use larger pictures, or leave MS-SSIM out",
        )
    product = 1.0
    for weight in WEIGHTS[:-1]:
        product *= _power(compare_structure(result, reference, data_range=data_range).contrast, weight)
        result, reference = _halve(result), _halve(reference)
    return product * _power(compare_structure(result, reference, data_range=data_range).ssim, WEIGHTS[-1])


def _power(factor: float, exponent: float) -> float:
    return float(max(factor, 0.0) ** exponent)


def _halve(planes: Planes) -> Planes:
    """The mean of every 2x2 pixels; an odd last row or column is repeated."""
    height, width, _ = planes.shape
    even = np.pad(planes, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    total: Planes = even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]
    return total * np.float32(0.25)
