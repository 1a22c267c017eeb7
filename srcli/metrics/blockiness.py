"""How far the blocks of JPEG show in a picture, without a reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from srcli.core.arrays import Plane

BLOCK = 8
_STEP_LIMIT = 6.0
"""Steps beyond this many levels are edges of the picture."""
_SMALLEST_SIDE = 4 * BLOCK


def blockiness(plane: Plane) -> float:
    """By how much steps across one of eight lines exceed those across the lines between, in levels.

    Steps are measured against those on either side of them, after Wang, Bovik and Evans, "Blind measurement
    of blocking artifacts in images" (ICIP 2000), which looks for a period of eight in them. The grid may
    begin anywhere, as in a picture that was cropped, and must show in rows as well as in columns.

    Args:
        plane: (height, width), at least 32 x 32, luma on 0..255.

    Returns:
        Around 0.1 for pictures that were never compressed, 0.4 to 1 for JPEG of quality 75 to 40; 0 for
        smaller pictures.
    """
    if min(plane.shape) < _SMALLEST_SIDE:
        return 0.0
    return min(_excess(plane), _excess(plane.T))


def _excess(plane: Plane) -> float:
    """Of the line, one in eight, across which columns step most."""
    steps = np.abs(np.diff(plane, axis=1))
    raised = steps[:, 1:-1] - (steps[:, :-2] + steps[:, 2:]) / 2
    lines = np.clip(raised, -_STEP_LIMIT, _STEP_LIMIT).mean(axis=0)
    phases = np.array([lines[phase::BLOCK].mean() for phase in range(BLOCK)])
    return float(phases.max() - np.median(np.delete(phases, phases.argmax())))
