"""Mean absolute error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from srcli.metrics.pairs import check_pair, row_strips

if TYPE_CHECKING:
    from srcli.core.arrays import Planes


def mae(result: Planes, reference: Planes, *, data_range: float) -> float:
    """Mean of the absolute differences over all pixels and channels, in the unit of the pictures.

    Args:
        result: (height, width, channels) floats.
        reference: the same shape.
        data_range: the largest possible difference; asked of every metric, it does not change this one.

    Raises:
        InputError: the shapes differ, or are empty.
    """
    result, reference = check_pair(result, reference, data_range)
    total = 0.0
    for rows in row_strips(result):
        difference = np.subtract(result[rows], reference[rows], dtype=np.float64)
        total += float(np.abs(difference, out=difference).sum())
    return total / result.size
