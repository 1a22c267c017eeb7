"""A generator that is loaded and ready to run."""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from srcli.core.errors import DeviceUnavailable, OutOfMemory, UnsuitableModel
from srcli.engine.inference import ort_session
from srcli.engine.inference.batches import infer, infer_levels
from srcli.engine.inference.uint8_output import can_round
from srcli.engine.probing.probe import probe_model
from srcli.engine.sessions.dispatch import Lanes, run_in_turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from srcli.core.arrays import Batch
    from srcli.core.card import ModelCard
    from srcli.engine.devices.kind import Device
    from srcli.engine.inference.traits import Traits
    from srcli.engine.inference.uint8_output import Rounded
    from srcli.engine.runtimes.runtime import NativeSession

_Result = TypeVar("_Result")

GPU_BATCH_PIXELS = 576**2
"""Input pixels that fill a GPU: as many as the largest window has."""


class Session:
    """One generator on one device.

    Attributes:
        device: where it was asked to run.
        provider: the onnxruntime provider that really runs.
        precision: what it computes in.
        version: what runs it and in which version, for reports.
        traits: how the generator's file wants to be fed.
        runtimes: the onnxruntime sessions beneath, one for each GPU of several.
        batch_pixels: input pixels that ``run_many`` runs at once; 0 for window by window.
        gives_levels: whether the device rounds to 8-bit levels itself, for ``run_to_levels``.
        notes: what a person should know, in sentences.
    """

    def __init__(
        self,
        *runtimes: NativeSession,
        device: Device,
        precision: str,
        traits: Traits,
        batch_pixels: int = 0,
        gives_levels: bool = False,
        notes: tuple[str, ...] = (),
    ) -> None:
        self.runtimes = runtimes
        self.batch_pixels = batch_pixels
        self.device = device
        self.provider: str = runtimes[0].get_providers()[0]
        self.precision = precision
        self.version = device.kind.version()
        self.traits = traits
        self.gives_levels = gives_levels
        self.notes = notes
        self._lanes = Lanes(runtimes) if batch_pixels or len(runtimes) > 1 else None

    def run(self, batch: Batch) -> Batch:
        """Enlarge a batch of pictures of one size.

        Args:
            batch: (N, 3, h, w) float32, RGB, 0..1, in sizes that the traits allow.

        Returns:
            (N, 3, s*h, s*w) float32, RGB, nominally 0..1, not clipped.

        Raises:
            OutOfMemory: the memory does not suffice for this size.
            UnsuitableModel: the generator does not take this size.
        """
        return infer(self.runtimes[0], batch, self.traits)

    def close(self) -> None:
        """Give all memory back, at once rather than with the last reference; nothing runs any more."""
        self.runtimes, self._lanes = (), None

    def run_many(self, windows: Iterable[Batch]) -> Iterator[Batch]:
        """Enlarge windows in order, together where the device is quicker so.

        On a GPU, neighbours of one shape run as one batch, the next batch waits while one runs, and several
        GPUs take turns; windows are then read ahead of the results. On a CPU each window runs when its result
        is asked for. Several threads may do so at a time.

        Args:
            windows: each (1, 3, h, w) float32, RGB, 0..1, in a size that the traits allow.

        Yields:
            (1, 3, s*h, s*w) for each window, as ``run`` gives it.

        Raises:
            OutOfMemory: the memory does not suffice, for this window or the ones that it runs with.
            UnsuitableModel: the generator does not take this size.
        """
        return self._run_each(windows, self._infer_each)

    def run_to_levels(self, windows: Iterable[Batch]) -> Iterator[Rounded]:
        """Enlarge windows as ``run_many`` does, to 8-bit levels; only where ``gives_levels``."""
        return self._run_each(windows, self._infer_levels)

    def _infer_each(self, runtime: NativeSession, batch: Batch) -> list[Batch]:
        return np.split(infer(runtime, batch, self.traits), len(batch))

    def _infer_levels(self, runtime: NativeSession, batch: Batch) -> list[Rounded]:
        return infer_levels(runtime, batch, self.traits)

    def _run_each(
        self, windows: Iterable[Batch], work: Callable[[NativeSession, Batch], Sequence[_Result]]
    ) -> Iterator[_Result]:
        """Do a work on each window, in turn or in lanes."""
        if self._lanes is None:
            return run_in_turn(windows, lambda window: work(self.runtimes[0], window)[0])
        return self._run_together(windows, self._lanes, work)

    def _run_together(
        self,
        windows: Iterable[Batch],
        lanes: Lanes[NativeSession],
        work: Callable[[NativeSession, Batch], Sequence[_Result]],
    ) -> Iterator[_Result]:
        try:
            yield from lanes.run(windows, self.batch_pixels, work)
        except OutOfMemory:
            # The run goes on with windows of half the side; no more of them may come together.
            self.batch_pixels //= 4
            raise


def open_session(
    model: Path,
    device: Device,
    *,
    threads: int | None = None,
    precision: str = "fp32",
    card: ModelCard | None = None,
) -> Session:
    """Load a generator and find out how to feed it.

    Args:
        model: the ONNX file.
        device: where to run it.
        threads: processor cores to use; all usable physical cores by default.
        precision: what the file holds, and what to compute in where the device leaves the choice.
        card: what is known about the generator. Without it the receptive field is measured, which takes up to
            some seconds for a large generator.

    Raises:
        OutOfMemory: there is not enough memory to load it.
        DamagedModel: the file is broken.
        UnsuitableModel: the file is no generator that srcli can drive.
        UnknownModel: there is no such file.
        DeviceUnavailable: the device does not run it.
    """
    traits = probe_model(model, card)
    open_with = partial(
        Session,
        device=device,
        precision=precision,
        traits=traits,
        batch_pixels=GPU_BATCH_PIXELS if device.on_gpu else 0,
    )
    create = partial(_create, model, device, threads, precision)
    notes: tuple[str, ...] = ()
    if device.on_gpu and can_round(traits):
        try:
            return open_with(*create(in_levels=True), gives_levels=True)
        except (DeviceUnavailable, UnsuitableModel) as error:
            notes = (f"{device.name} leaves the rounding to the CPU, which is slower: {error.message}",)
    runtimes = tuple(create(in_levels=False))
    return open_with(*runtimes, notes=(*notes, *chain.from_iterable(map(ort_session.notes_of, runtimes))))


def _create(
    model: Path, device: Device, threads: int | None, precision: str, *, in_levels: bool
) -> Iterator[NativeSession]:
    """A session for each part of a device."""
    return (
        ort_session.create(model, part, threads, precision=precision, in_levels=in_levels)
        for part in device.parts
    )
