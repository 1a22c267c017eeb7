"""Root of the mean squared error."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from srcli.metrics.mse import mse

if TYPE_CHECKING:
    from srcli.core.arrays import Planes


def rmse(result: Planes, reference: Planes, *, data_range: float) -> float:
    """Square root of ``mse``, so in the unit of the pictures; arguments and errors as there."""
    return math.sqrt(mse(result, reference, data_range=data_range))
