"""Mean absolute error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from srcli.metrics.pairs import check_pair, row_differences

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
    differences = row_differences(result, reference)
    return sum(float(np.abs(each, out=each).sum()) for each in differences) / result.size
