"""How far colours are off, whatever the brightness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from srcli.metrics.pairs import check_pair, row_differences

if TYPE_CHECKING:
    from srcli.core.arrays import Planes

_CHROMA = np.array([[-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]])


def chroma_error(result: Planes, reference: Planes, *, data_range: float) -> float:
    """Mean of the absolute differences of Cb and Cr, in the unit of the pictures; 0 for grey ones.

    Source of the transform: JFIF 1.02, after ITU-R BT.601.

    Args:
        result: (height, width, 1 or 3) floats.
        reference: the same shape.
        data_range: the largest possible difference; asked of every metric, it does not change this one.

    Raises:
        InputError: the shapes differ, or are empty.
    """
    result, reference = check_pair(result, reference, data_range)
    if result.shape[2] == 1:
        return 0.0
    differences = row_differences(result, reference)
    total = sum(float(np.abs(each @ _CHROMA.T).sum()) for each in differences)
    return total / (2 * result[:, :, 0].size)
