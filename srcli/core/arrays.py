"""Names for the arrays that pass between the rooms."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Planes: TypeAlias = npt.NDArray[np.float32]
"""A picture inside srcli: (height, width, channels), float32, nominally 0..1."""

Plane: TypeAlias = npt.NDArray[np.float32]
"""One channel of a picture, such as alpha: (height, width), float32, nominally 0..1."""

Batch: TypeAlias = npt.NDArray[np.float32]
"""What a generator sees: (batch, channels, height, width), float32, 0..1."""


def to_batch(planes: Planes) -> Batch:
    """A picture (H, W, C) as a batch of one, (1, C, H, W), contiguous."""
    return np.ascontiguousarray(planes.transpose(2, 0, 1))[np.newaxis]
