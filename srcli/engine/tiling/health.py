"""Whether the pixels that came out of a generator can be a picture at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from srcli.core.arrays import Batch
    from srcli.engine.inference.uint8_output import Rounded

_APART = 16
"""Levels are first looked at so many pixels apart: hardly a picture is flat even there."""
VISIBLE_CONTRAST = 16 / 255
"""An input that varies by more than this can't end as one flat colour."""


def fault(given: Batch, result: Batch) -> str | None:
    """What is wrong with a generator's output, or None.

    Half precision overflows to infinity, infinity turns into NaN, and a failed kernel leaves a constant
    behind.

    Args:
        given: (N, 3, h, w) float32, 0..1.
        result: (N, 3, s*h, s*w) float32, before clipping.

    Returns:
        ``"NaN"``, ``"infinite"`` or ``"constant"``, None for a sound output.
    """
    low, high = float(result.min()), float(result.max())
    if np.isnan(low) or np.isnan(high):
        return "NaN"
    if np.isinf(low) or np.isinf(high):
        return "infinite"
    if low == high and float(np.ptp(given)) > VISIBLE_CONTRAST:
        return "constant"
    return None


def levels_fault(given: Batch, rounded: Rounded) -> str | None:
    """What is wrong with a generator's output that a device has rounded, or None.

    Args:
        given: (1, 3, h, w) float32, 0..1.
        rounded: what came of it.

    Returns:
        ``"not finite"`` or ``"constant"``, None for a sound output.
    """
    if not rounded.finite:
        return "not finite"
    if np.ptp(rounded.levels[::_APART, ::_APART]) or np.ptp(rounded.levels):
        return None
    return "constant" if float(np.ptp(given)) > VISIBLE_CONTRAST else None
