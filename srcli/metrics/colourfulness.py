"""How colourful a picture is, as people judge it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from srcli.metrics.pairs import check_pair

if TYPE_CHECKING:
    from srcli.core.arrays import Planes

_MEAN_SHARE = 0.3


def colourfulness(planes: Planes) -> float:
    """The measure M3, which goes along with people's judgement at a correlation of 0.95.

    Source: Hasler and Suesstrunk, "Measuring colourfulness in natural images", Proc. SPIE 5007, 2003.

    Args:
        planes: (height, width, 1 or 3) floats, RGB; grey gives 0.

    Returns:
        The figure in the unit of the pictures: of 8-bit levels 0 is grey, 45 averagely and 109 extremely
        colourful.
    """
    if planes.shape[2] == 1:
        return 0.0
    red, green, blue = (planes[:, :, channel].astype(np.float64) for channel in range(3))
    opponents = (red - green, (red + green) / 2 - blue)
    spread = math.hypot(*(float(plane.std()) for plane in opponents))
    return spread + _MEAN_SHARE * math.hypot(*(float(plane.mean()) for plane in opponents))


def colourfulness_ratio(result: Planes, reference: Planes, *, data_range: float) -> float:
    """The colourfulness of a result as a share of its reference's; 1 where both are grey.

    Args:
        result: (height, width, 1 or 3) floats.
        reference: the same shape.
        data_range: the largest possible difference; asked of every metric, it does not change this one.

    Raises:
        InputError: the shapes differ, or are empty.
    """
    result, reference = check_pair(result, reference, data_range)
    made, true = colourfulness(result), colourfulness(reference)
    if true == 0.0:
        return 1.0 if made == 0.0 else math.inf
    return made / true
