"""Creates onnxruntime sessions and runs them, with its errors translated into ours."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srcli.core.errors import (
    DamagedModel,
    DeviceUnavailable,
    OutOfMemory,
    SrcliError,
    UnknownModel,
    UnsuitableModel,
)
from srcli.engine import cuda
from srcli.engine.bound import BoundSession
from srcli.engine.levels import with_levels
from srcli.engine.machine import usable_cores
from srcli.engine.providers import CPU_PROVIDER, Device
from srcli.engine.runtime import FATAL_ONLY, first_line, onnxruntime, ran_out_of_memory, runtime_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from onnxruntime import SessionOptions

    from srcli.engine.runtime import NativeSession

CPU = Device("cpu", CPU_PROVIDER, "reference")
"""The device that every other one is measured against."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """Choices for a GPU that only a measurement there can settle (``tests/benchmarks/cuda.py``).

    Attributes:
        nhwc: whether convolutions run with channels last.
        graphs: whether the kernels of a run are launched together, as a CUDA graph per input shape.
    """

    nhwc: bool = False
    graphs: bool = False


UNTUNED = Tuning()


def create(
    model: Path,
    device: Device,
    threads: int | None = None,
    *,
    optimised: bool = True,
    tuning: Tuning = UNTUNED,
    in_levels: bool = False,
) -> NativeSession:
    """An onnxruntime session on exactly one provider.

    Args:
        model: the ONNX file.
        device: where to run.
        threads: processor cores to use; all usable physical cores by default.
        optimised: whether onnxruntime may fuse operators and change layouts, which halves the time.
        tuning: choices for a GPU.
        in_levels: whether it gives 8-bit levels as well; see :mod:`srcli.engine.levels`.

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
    session = _create(source, model, _options(device, threads, optimised), device, tuning)
    if device.on_gpu:
        return BoundSession(session, "cuda", device.index, graphs=tuning.graphs)
    return session


def create_from_bytes(
    content: bytes, device: Device, threads: int | None = None, *, name: str
) -> NativeSession:
    """A session for an ONNX file that was made in memory.

    Args:
        content: of the ONNX file.
        device: where to run.
        threads: processor cores to use; all usable physical cores by default.
        name: what errors call it.

    Raises:
        DeviceUnavailable: the device does not run it.
        OutOfMemory: there is not enough memory to load it.
    """
    return _create(content, Path(name), _options(device, threads, optimised=True), device, UNTUNED)


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
    """
    try:
        return session.run(names, {session.get_inputs()[0].name: feed})
    except runtime_errors() as error:
        if ran_out_of_memory(error):
            raise OutOfMemory(f"not enough memory for an input of shape {feed.shape}") from error
        raise UnsuitableModel(
            f"the generator fails on an input of shape {feed.shape}: {first_line(error)}"
        ) from error


def _create(
    source: str | bytes, model: Path, options: SessionOptions, device: Device, tuning: Tuning
) -> NativeSession:
    """A session that runs on the device and nowhere else; ``model`` is how errors call it."""
    if device.on_gpu:
        cuda.preload()
    try:
        session: NativeSession = onnxruntime().InferenceSession(
            source, options, providers=_providers(device, tuning), enable_fallback=0
        )
    except runtime_errors() as error:
        raise _load_error(error, model, device) from error
    running = session.get_providers()[0]
    if running != device.provider:
        raise DeviceUnavailable(
            f"{model.name} runs on {running} instead of {device.provider}", hint="srcli doctor"
        )
    return session


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


def _options(device: Device, threads: int | None, optimised: bool) -> SessionOptions:
    """Session options, the same for every generator."""
    runtime = onnxruntime()
    options: SessionOptions = runtime.SessionOptions()
    levels = runtime.GraphOptimizationLevel
    options.graph_optimization_level = levels.ORT_ENABLE_ALL if optimised else levels.ORT_DISABLE_ALL
    options.intra_op_num_threads = threads or usable_cores()
    options.inter_op_num_threads = 1
    options.log_severity_level = FATAL_ONLY
    # One session meets pictures of many sizes; a memory pattern per shape is kept for ever.
    options.enable_mem_pattern = False
    # Spinning threads would burn every core between two tiles, while other work decodes and encodes.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if device.on_gpu:
        options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
    return options


def _providers(device: Device, tuning: Tuning) -> list[str | tuple[str, dict[str, str]]]:
    """The one provider to run on: with the CPU beside it in the list, a failed GPU would go unnoticed."""
    if not device.on_gpu:
        return [device.provider]
    options = {
        "device_id": str(device.index),
        # TF32 rounds products to 10 bits, which shows as a difference from the CPU.
        "use_tf32": "0",
        # The exhaustive search measures every new shape for seconds and gains little.
        "cudnn_conv_algo_search": "HEURISTIC",
        # Doubling would take memory that halved tiles may need.
        "arena_extend_strategy": "kSameAsRequested",
        "prefer_nhwc": str(int(tuning.nhwc)),
        "enable_cuda_graph": str(int(tuning.graphs)),
    }
    return [(device.provider, options)]


def _load_error(error: BaseException, model: Path, device: Device) -> SrcliError:
    """What a failed creation of a session means."""
    if ran_out_of_memory(error):
        return OutOfMemory(f"not enough memory on {device.name} to load {model.name}")
    if type(error).__name__ == "InvalidProtobuf":
        return UnsuitableModel(f"{model} is not an ONNX file, or only a part of one")
    if "fallback to CPU" in str(error):
        return DeviceUnavailable(f"{device.name} can't run all of {model.name}", hint="--device cpu")
    if device.on_gpu:
        return DeviceUnavailable(f"{device.name} does not start: {first_line(error)}", hint="srcli doctor")
    return DamagedModel(f"cannot load {model}: {first_line(error)}")
