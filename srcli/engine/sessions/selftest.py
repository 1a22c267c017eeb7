"""Whether a device computes what the plain CPU kernels compute."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from srcli.core.geometry import round_up
from srcli.engine.inference import ort_session
from srcli.engine.sessions.session import Session

if TYPE_CHECKING:
    from pathlib import Path

    from srcli.core.arrays import Batch

TILE = 96
TOLERANCE_LEVELS = 1.0
"""The largest difference from the reference that passes, in levels of 1/255."""


def reference_session(model: Path, like: Session) -> Session:
    """The same generator on the CPU with no graph optimisation: each operator by its plain kernel."""
    plain = ort_session.create(model, ort_session.CPU, optimised=False)
    return Session(plain, device=ort_session.CPU, precision="fp32", traits=like.traits)


def difference_levels(session: Session, reference: Session) -> float:
    """The largest difference of two sessions on one tile of noise, in levels of 1/255; infinite for NaN.

    Where the first one's device rounds itself, what it rounds wrongly counts as well.

    Raises:
        OutOfMemory: a device has no memory for one tile.
        UnsuitableModel: the generator fails on a device.
    """
    tile = _noise(session)
    made = session.run(tile)
    levels = float(np.abs(made - reference.run(tile)).max()) * 255
    if session.gives_levels:
        levels = max(levels, _misrounded(session, tile, made))
    return levels if np.isfinite(levels) else float("inf")


def _misrounded(session: Session, tile: Batch, made: Batch) -> float:
    """How far the levels of a device are from its own values, rounded here."""
    (rounded,) = session.run_to_levels([tile])
    expected = np.rint(made[0].transpose(1, 2, 0).clip(0.0, 1.0) * np.float32(255))
    return float(np.abs(rounded.levels - expected).max()) if rounded.finite else float("inf")


def _noise(session: Session) -> Batch:
    """One tile of uniform noise in a size that the generator takes."""
    side = round_up(max(TILE, session.traits.minimum), session.traits.multiple)
    size = session.traits.fixed_size or (side, side)
    return np.random.default_rng(0).random((1, 3, *size), dtype=np.float32)
