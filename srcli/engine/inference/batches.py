"""Runs batches of pictures through an onnxruntime session: in what its file wants to be fed, and back."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from srcli.core.errors import OutOfMemory
from srcli.engine.inference.ort_session import run, run_for
from srcli.engine.inference.traits import BYTE, HALF
from srcli.engine.inference.uint8_output import FINITE, LEVELS, Rounded

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from srcli.core.arrays import Batch
    from srcli.engine.inference.traits import Traits
    from srcli.engine.runtimes.runtime import NativeSession


def infer(session: NativeSession, batch: Batch, traits: Traits) -> Batch:
    """What a generator makes of a batch.

    Args:
        session: an onnxruntime session.
        batch: (N, 3, h, w) float32, RGB, 0..1.
        traits: how the session wants to be fed.

    Returns:
        (N, 3, s*h, s*w) float32, RGB, nominally 0..1, not clipped.

    Raises:
        OutOfMemory: the memory does not suffice for this input.
        UnsuitableModel: the generator does not take this input.
    """
    with _memory_for(batch):
        feed = encode(batch, traits)
        if not traits.fixed_batch:
            return decode(run(session, feed), traits)
        results = [run(session, feed[index : index + 1]) for index in range(len(feed))]
        return decode(np.concatenate(results), traits)


def infer_levels(session: NativeSession, batch: Batch, traits: Traits) -> list[Rounded]:
    """What a generator that gives levels makes of each picture; see ``uint8_output``.

    Args:
        session: an onnxruntime session of a file with levels.
        batch: (N, 3, h, w) float32, RGB, 0..1.
        traits: how the session wants to be fed.

    Raises:
        OutOfMemory: the memory does not suffice for this input.
        UnsuitableModel: the generator does not take this input.
    """
    with _memory_for(batch):
        levels, finite = run_for(session, (LEVELS, FINITE), encode(batch, traits))
    return [Rounded(one, bool(np.isfinite(sound))) for one, sound in zip(levels, finite, strict=True)]


@contextmanager
def _memory_for(batch: Batch) -> Iterator[None]:
    """Say of which batch it was that memory did not suffice."""
    try:
        yield
    except MemoryError as error:
        raise OutOfMemory(f"not enough memory for an input of shape {batch.shape}") from error


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
