"""Peak signal-to-noise ratio."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from srcli.metrics.mse import mse

if TYPE_CHECKING:
    from srcli.core.arrays import Planes


def psnr(result: Planes, reference: Planes, *, data_range: float) -> float:
    """Peak signal-to-noise ratio in dB: ``10 log10(data_range^2 / mse)``; infinite for identical pictures.

    Args:
        result: (height, width, channels) floats.
        reference: the same shape.
        data_range: the peak: the largest possible value minus the smallest, 1 for unit range, 255 for 8-bit
            levels (also for luma, although studio luma spans 219 of them only).

    Raises:
        InputError: the shapes differ, or are empty.
        UsageError: ``data_range`` is not positive.
    """
    error = mse(result, reference, data_range=data_range)
    if error == 0:
        return math.inf
    return 10 * math.log10(data_range**2 / error)
