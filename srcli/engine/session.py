"""A generator that is loaded and ready to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.engine import native
from srcli.engine.inference import infer
from srcli.engine.probe import probe_model

if TYPE_CHECKING:
    from pathlib import Path

    from srcli.core.arrays import Batch
    from srcli.core.card import ModelCard
    from srcli.engine.providers import Device
    from srcli.engine.runtime import NativeSession
    from srcli.engine.traits import Traits


class Session:
    """One generator on one device.

    Attributes:
        device: where it was asked to run.
        provider: the onnxruntime provider that really runs.
        precision: ``fp32``, ``fp16`` or ``int8``.
        traits: how the generator's file wants to be fed.
        runtime: the onnxruntime session beneath.
    """

    def __init__(self, runtime: NativeSession, *, device: Device, precision: str, traits: Traits) -> None:
        self.runtime = runtime
        self.device = device
        self.provider: str = runtime.get_providers()[0]
        self.precision = precision
        self.traits = traits

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
        return infer(self.runtime, batch, self.traits)


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
        precision: what the file holds, for reports.
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
    return Session(native.create(model, device, threads), device=device, precision=precision, traits=traits)
