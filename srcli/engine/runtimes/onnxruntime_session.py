"""Opens onnxruntime sessions that run on one device and nowhere else; translates errors into ours."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from srcli.core.errors import (
    DamagedModel,
    DeviceUnavailable,
    OutOfMemory,
    SrcliError,
    UnsuitableModel,
)
from srcli.core.out_of_memory import ran_out_of_memory
from srcli.engine.machine import usable_cores
from srcli.engine.runtimes.runtime import FATAL_ONLY, first_line, onnxruntime, runtime_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from onnxruntime import OrtEpDevice, SessionOptions

    from srcli.engine.devices.kind import Opening
    from srcli.engine.runtimes.runtime import NativeSession

CPU_PROVIDER = "CPUExecutionProvider"
STRICT = "session.disable_cpu_ep_fallback"
"""At 1, operators that a device does not run make the creation fail instead of landing on the CPU."""
RECORD = "session.record_ep_graph_assignment_info"

Provider: TypeAlias = "str | tuple[str, dict[str, str]]"
"""The name of one of onnxruntime's own providers, and its options."""


def version() -> str:
    """Which onnxruntime runs."""
    return f"onnxruntime {onnxruntime().__version__}"


def open_on(providers: Sequence[Provider], opening: Opening) -> NativeSession:
    """A session on exactly one of onnxruntime's own providers.

    With the CPU beside it in the list, a provider that fails to load would go unnoticed.

    Raises:
        UnsuitableModel: not an ONNX file.
        DamagedModel: the graph in the file is broken.
        DeviceUnavailable: the device does not run all of it.
        OutOfMemory: there is not enough memory to load it.
    """
    return _open(opening, providers=providers)


def open_on_plugin(
    devices: Sequence[OrtEpDevice], options: dict[str, str], opening: Opening
) -> NativeSession:
    """A session on devices of a provider that was registered as a plug-in.

    Args:
        devices: what the provider offers; see :mod:`srcli.engine.devices.plugins`.
        options: of the provider.
        opening: what the session is for.

    Raises:
        UnsuitableModel, DamagedModel, DeviceUnavailable, OutOfMemory: as ``open_on``.
    """
    return _open(opening, plugin=(devices, options))


def _open(
    opening: Opening,
    *,
    providers: Sequence[Provider] | None = None,
    plugin: tuple[Sequence[OrtEpDevice], dict[str, str]] | None = None,
) -> NativeSession:
    def create(extra: str | None = None) -> Any:  # noqa: ANN401  onnxruntime's own type
        options = _options(opening)
        if opening.device.provider != CPU_PROVIDER:
            options.add_session_config_entry(extra or STRICT, "1")
        if plugin is not None:
            options.add_provider_for_devices(*plugin)
        return onnxruntime().InferenceSession(opening.source, options, providers=providers, enable_fallback=0)

    try:
        session: NativeSession = create()
    except runtime_errors() as error:
        if "fallback to CPU" in str(error):
            raise _left_to_the_cpu(opening, create) from error
        raise _load_error(error, opening) from error
    running = session.get_providers()[0]
    if running != opening.device.provider:
        raise DeviceUnavailable(
            f"{opening.name.name} runs on {running} instead of {opening.device.provider}",
            hint="srcli doctor",
        )
    return session


def _options(opening: Opening) -> SessionOptions:
    """Session options, the same for every generator."""
    runtime = onnxruntime()
    options: SessionOptions = runtime.SessionOptions()
    levels = runtime.GraphOptimizationLevel
    options.graph_optimization_level = levels.ORT_ENABLE_ALL if opening.optimised else levels.ORT_DISABLE_ALL
    options.intra_op_num_threads = opening.threads or usable_cores()
    options.inter_op_num_threads = 1
    options.log_severity_level = FATAL_ONLY
    # One session meets pictures of many sizes; a memory pattern per shape is kept for ever.
    options.enable_mem_pattern = False
    # Spinning threads would burn every core between two tiles, while other work decodes and encodes.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _left_to_the_cpu(opening: Opening, create: Callable[[str], Any]) -> DeviceUnavailable:
    """Which operators a device does not run, by a session that is allowed to leave them to the CPU."""
    left: set[str] = set()
    with suppress(AttributeError, *runtime_errors()):
        for part in create(RECORD).get_provider_graph_assignment_info():
            if part.ep_name == CPU_PROVIDER:
                left |= {node.op_type for node in part.get_nodes()}
    names = f": it leaves {', '.join(sorted(left))} to the CPU" if left else ""
    return DeviceUnavailable(
        f"{opening.device.name} can't run all of {opening.name.name}{names}", hint="--device cpu"
    )


def _load_error(error: BaseException, opening: Opening) -> SrcliError:
    """What a failed creation of a session means."""
    device, name = opening.device, opening.name
    if ran_out_of_memory(error):
        return OutOfMemory(f"not enough memory on {device.name} to load {name.name}")
    if type(error).__name__ == "InvalidProtobuf":
        return UnsuitableModel(f"{name} is not an ONNX file, or only a part of one")
    if device.provider != CPU_PROVIDER:
        return DeviceUnavailable(f"{device.name} does not start: {first_line(error)}", hint="srcli doctor")
    return DamagedModel(f"cannot load {name}: {first_line(error)}")
