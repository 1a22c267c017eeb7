"""Creates sessions on any device and runs them, with errors of their runtimes translated into ours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from srcli.core.errors import OutOfMemory, UnknownModel, UnsuitableModel
from srcli.core.out_of_memory import ran_out_of_memory
from srcli.core.precision import FULL
from srcli.engine.devices.cpu import CPU as PROCESSOR
from srcli.engine.devices.kind import UNTUNED, Device, Opening, Tuning
from srcli.engine.inference.endable import run_endable
from srcli.engine.inference.uint8_output import with_levels
from srcli.engine.runtimes.runtime import first_line, runtime_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from srcli.engine.runtimes.runtime import NativeSession

CPU = Device("cpu", PROCESSOR, "reference")
"""The device that every other one is measured against."""


def create(
    model: Path,
    device: Device,
    threads: int | None = None,
    *,
    precision: str = FULL,
    optimised: bool = True,
    tuning: Tuning = UNTUNED,
    in_levels: bool = False,
) -> NativeSession:
    """A session that runs on one device and nowhere else.

    Args:
        model: the ONNX file.
        device: where to run; one, not several.
        threads: processor cores to use; all usable physical cores by default.
        precision: what to compute in, where a device leaves the choice; else the file decides.
        optimised: whether operators may be fused and layouts changed, which halves the time.
        tuning: choices for a GPU.
        in_levels: whether it gives 8-bit levels as well; see :mod:`srcli.engine.inference.uint8_output`.

    Raises:
        UnknownModel: there is no such file.
        UnsuitableModel: not an ONNX file, or too old a one for levels.
        DamagedModel: the graph in the file is broken.
        DeviceUnavailable: the device does not run this generator.
        OutOfMemory: there is not enough memory to load it.
    """
    if not model.is_file():
        raise UnknownModel(f"there is no model file {model}", hint="srcli models list")
    source = _with_levels(model) if in_levels else _source(model)
    return device.kind.open(Opening(source, model, device, threads, precision, optimised, tuning))


def create_from_bytes(
    content: bytes, device: Device, threads: int | None = None, *, precision: str = FULL, name: str
) -> NativeSession:
    """A session for an ONNX file that was made in memory.

    Args:
        content: of the ONNX file.
        device: where to run.
        threads: processor cores to use; all usable physical cores by default.
        precision: as in ``create``.
        name: what errors call it.

    Raises:
        DeviceUnavailable: the device does not run it.
        OutOfMemory: there is not enough memory to load it.
    """
    return device.kind.open(Opening(content, Path(name), device, threads, precision, kept=False))


def run(session: NativeSession, feed: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The first output for the first input.

    Raises:
        OutOfMemory: the memory does not suffice for this input.
        UnsuitableModel: the generator does not take this input.
    """
    return run_for(session, None, feed)[0]


def run_for(
    session: NativeSession, names: Sequence[str] | None, feed: npt.NDArray[Any]
) -> list[npt.NDArray[Any]]:
    """The outputs of these names for the first input; all of them for None, or the first on a GPU.

    Raises:
        OutOfMemory: the memory does not suffice for this input.
        UnsuitableModel: the generator does not take this input.
        SrcliError: whatever the token raises that ended the run; see :mod:`srcli.engine.inference.endable`.
    """
    try:
        return run_endable(session, names, {session.get_inputs()[0].name: feed})
    except runtime_errors() as error:
        if ran_out_of_memory(error):
            raise OutOfMemory(f"not enough memory for an input of shape {feed.shape}") from error
        raise UnsuitableModel(
            f"the generator fails on an input of shape {feed.shape}: {first_line(error)}"
        ) from error


def notes_of(session: NativeSession) -> tuple[str, ...]:
    """What a person should know about how a session was opened, in sentences; onnxruntime's have none."""
    notes: tuple[str, ...] = getattr(session, "notes", ())
    return notes


def _with_levels(model: Path) -> bytes:
    try:
        return with_levels(model.read_bytes())
    except ValueError as error:
        raise UnsuitableModel(f"{model.name} can't be given levels: {error}") from error


def _source(model: Path) -> str | bytes:
    """A file's name, or what is in it where the name is not UTF-8, which onnxruntime can't open."""
    name = str(model)
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return model.read_bytes()
    return name
