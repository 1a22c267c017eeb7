"""Between the integers of a file and the unit range."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from srcli.core.arrays import Planes

Samples: TypeAlias = npt.NDArray[Any]
"""Integers as a file holds them: (height, width, channels), uint8 or uint16."""


def to_unit(samples: Samples) -> Planes:
    """Integers to float32, 0..1, of the same shape; the type gives the range, never the values."""
    peak = np.float32(np.iinfo(samples.dtype).max)
    return np.divide(samples, peak, dtype=np.float32)


def to_samples(values: Planes, depth: int) -> Samples:
    """Values of nominally 0..1 to integers of ``depth`` bits (8 or 16), clipped, rounded half to even."""
    scaled = np.multiply(values, np.float32(2**depth - 1), dtype=np.float32)
    np.clip(np.rint(scaled, out=scaled), 0, 2**depth - 1, out=scaled)
    return scaled.astype(np.uint8 if depth == 8 else np.uint16)
