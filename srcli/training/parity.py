"""Whether an exported file computes what the generator computes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from srcli.core.errors import TrainingError
from srcli.core.precision import FULL
from srcli.engine.inference import ort_session
from srcli.training.evaluation import for_any_sides

if TYPE_CHECKING:
    from pathlib import Path

    from srcli.core.arrays import Batch
    from srcli.engine.devices.kind import Device
    from srcli.training.evaluation import Enlarge

TOLERANCE = 1e-4
# Odd sides, a batch, and a side shorter than the receptive field of most generators.
_SHAPES = ((1, 3, 37, 23), (2, 3, 16, 41), (1, 3, 9, 64))


def open_exported(
    model: Path, multiple: int = 1, device: Device = ort_session.CPU, precision: str = FULL
) -> Enlarge:
    """An exported generator on a device as a function of float32 arrays (N, 3, h, w), 0..1.

    Through the engine's door to onnxruntime but without its probe, which refuses what learnt nothing yet; so
    ``multiple`` says what the sides of its input have to be multiples of.
    """
    session = ort_session.create(model, device, precision=precision)

    def enlarge(batch: Batch) -> Batch:
        result: Batch = ort_session.run(session, batch)
        return result

    return for_any_sides(enlarge, multiple)


def largest_difference(first: Enlarge, second: Enlarge) -> float:
    """The largest difference of two generators on random pictures, in units of the 0..1 range."""
    random = np.random.default_rng(5)
    pictures = [random.random(shape, dtype=np.float32) for shape in _SHAPES]
    return max(float(np.abs(first(picture) - second(picture)).max()) for picture in pictures)


def check_parity(exported: Enlarge, original: Enlarge) -> float:
    """The largest difference between an exported file and its generator.

    Raises:
        TrainingError: it is more than ``TOLERANCE``.
    """
    difference = largest_difference(exported, original)
    if not difference <= TOLERANCE:
        raise TrainingError(f"the exported generator differs from PyTorch by {difference:.2g}")
    return difference
