"""Runs batches of pictures through an onnxruntime session."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.errors import OutOfMemory
from srcli.engine.inference.ort_session import run, run_for
from srcli.engine.inference.tensor_layout import decode, encode
from srcli.engine.inference.uint8_output import FINITE, LEVELS, Rounded

if TYPE_CHECKING:
    from collections.abc import Iterator

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
