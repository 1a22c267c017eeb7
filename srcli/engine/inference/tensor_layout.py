"""From srcli's batches to what a generator's file wants, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from srcli.engine.inference.traits import BYTE, HALF

if TYPE_CHECKING:
    import numpy.typing as npt

    from srcli.core.arrays import Batch
    from srcli.engine.inference.traits import Traits


def encode(batch: Batch, traits: Traits) -> npt.NDArray[Any]:
    """A batch in the layout, range and type of a generator's input.

    Args:
        batch: (N, 3, h, w) float32, RGB, 0..1.
        traits: what the generator wants. With one channel, the planes become pictures of their own: (3 * N,
            1, h, w).

    Returns:
        A contiguous array; integers are rounded half to even.
    """
    height, width = batch.shape[2:]
    planes = batch.reshape(-1, traits.channels, height, width)
    if traits.value_range != 1.0:
        planes = planes * np.float32(traits.value_range)
    if traits.layout == "NHWC":
        planes = planes.transpose(0, 2, 3, 1)
    if traits.input_type == BYTE:
        return np.rint(planes).clip(0, 255).astype(np.uint8, order="C")
    return np.ascontiguousarray(planes, dtype=np.float16 if traits.input_type == HALF else np.float32)


def decode(result: npt.NDArray[Any], traits: Traits) -> Batch:
    """A generator's output as a batch.

    Returns:
        (N, 3, s*h, s*w) float32, RGB, nominally 0..1, not clipped.
    """
    planes = result.transpose(0, 3, 1, 2) if traits.layout == "NHWC" else result
    height, width = planes.shape[2:]
    batch = planes.astype(np.float32, order="C", copy=False).reshape(-1, 3, height, width)
    return batch if traits.output_range == 1.0 else batch / np.float32(traits.output_range)
