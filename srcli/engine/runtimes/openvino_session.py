"""Runs generators by OpenVINO's own runtime, in the shape of an onnxruntime session."""

from __future__ import annotations

import functools
import io
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srcli.core.errors import DeviceUnavailable, OutOfMemory, SrcliError
from srcli.core.out_of_memory import ran_out_of_memory
from srcli.core.precision import BRAIN, FULL, HALF
from srcli.core.silent_imports import import_openvino
from srcli.engine.machine import processor_features, usable_cores
from srcli.engine.runtimes import compiled
from srcli.engine.runtimes.runtime import first_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    import numpy.typing as npt

    from srcli.engine.devices.kind import Opening
    from srcli.engine.runtimes.runtime import Node

PROVIDER = "OpenVINO"
HINTS = {FULL: "f32", BRAIN: "bf16", HALF: "f16"}
"""What OpenVINO is told to compute floating point in. Left to itself it takes less than full precision."""
_EXTERNAL = b"location"
"""Stands in an ONNX file that takes weights from others, on which what is compiled depends as well."""
_TYPES = {"float32": "tensor(float)", "float16": "tensor(float16)", "uint8": "tensor(uint8)"}


@dataclass(slots=True)
class _Port:
    """An input or output in onnxruntime's words."""

    name: str
    type: str
    shape: list[int | str | None]


class OpenVinoSession:
    """A generator that OpenVINO compiled as a whole: none of its operators runs elsewhere.

    Several threads may run it; they take turns, as each run has all threads of the device.

    Args:
        compiled: OpenVINO's compiled model.
        notes: what a person should know, in sentences.
    """

    def __init__(self, compiled: Any, notes: tuple[str, ...] = ()) -> None:  # noqa: ANN401  OpenVINO's own
        self.notes = notes
        self._inputs: list[Node] = [_port(port) for port in compiled.inputs]
        self._outputs: list[Node] = [_port(port) for port in compiled.outputs]
        self._request = compiled.create_infer_request()
        self._turn = threading.Lock()

    def get_inputs(self) -> list[Node]:
        """The declared inputs."""
        return self._inputs

    def get_outputs(self) -> list[Node]:
        """The declared outputs."""
        return self._outputs

    def get_providers(self) -> list[str]:
        """What runs it."""
        return [PROVIDER]

    def run(self, names: Sequence[str] | None, feed: dict[str, npt.NDArray[Any]]) -> list[npt.NDArray[Any]]:
        """The outputs of these names for the given inputs, in memory of their own; all of them for None."""
        with self._turn:
            made = self._request.infer(feed, share_inputs=True)
        wanted = names or [port.name for port in self._outputs]
        return [made[name] for name in wanted]


@functools.cache
def openvino() -> ModuleType:
    """OpenVINO's module, which reports to nobody.

    Raises:
        ImportError: it is not installed, or does not load.
    """
    return import_openvino()


@functools.cache
def core() -> Any:  # noqa: ANN401  OpenVINO's own type
    """OpenVINO's runtime: it knows the devices."""
    return openvino().Core()


def properties(device: str) -> dict[str, str]:
    """What tells a device and its driver from others, by OpenVINO's names."""
    known = core().get_property(device, "SUPPORTED_PROPERTIES")
    wanted = ["FULL_DEVICE_NAME", "DEVICE_ARCHITECTURE", "OPTIMIZATION_CAPABILITIES"]
    wanted += [name for name in known if "DRIVER" in name]
    return {name: str(core().get_property(device, name)) for name in wanted if name in known}


def open_on_openvino(device: str, opening: Opening) -> OpenVinoSession:
    """A session on one of OpenVINO's devices, from what an earlier run compiled where that was kept.

    Args:
        device: OpenVINO's name of it, such as ``CPU``.
        opening: what the session is for.

    Raises:
        DeviceUnavailable: the device does not run it.
        OutOfMemory: there is not enough memory to load it.
    """
    options = _options(device, opening)
    try:
        if opening.kept:
            return _recall_or_compile(opening.source, device, options)
        return OpenVinoSession(_compile(opening.source, device, options))
    except RuntimeError as error:
        raise _load_error(error, opening) from error


def _recall_or_compile(source: str | bytes, device: str, options: dict[str, Any]) -> OpenVinoSession:
    model = source if isinstance(source, bytes) else Path(source).read_bytes()
    if _EXTERNAL in model:
        return OpenVinoSession(_compile(source, device, options))
    facts = {"runtime": openvino().__version__, "processor": processor_features(), **properties(device)}
    key = compiled.key_of(model, device=device, options=options, **facts)
    kept = compiled.recall(key)
    if kept is not None:
        try:
            return OpenVinoSession(core().import_model(io.BytesIO(kept), device, options))
        except RuntimeError:
            compiled.forget(key)
    made = _compile(source, device, options)
    problem = compiled.keep(key, made.export_model().getvalue())
    if problem is None:
        return OpenVinoSession(made)
    where = compiled.cache_folder()
    return OpenVinoSession(
        made, (f"{where} can't keep what was compiled, each run does it again: {problem}",)
    )


def _compile(source: str | bytes, device: str, options: dict[str, Any]) -> Any:  # noqa: ANN401  OpenVINO's
    model = core().read_model(io.BytesIO(source) if isinstance(source, bytes) else source)
    return core().compile_model(model, device, options)


def _options(device: str, opening: Opening) -> dict[str, Any]:
    """Options of OpenVINO for a device."""
    hint = HINTS.get(opening.precision, HINTS[FULL])
    if hint == HINTS[HALF] and "FP16" not in capabilities(device):
        # Files in half precision then run in full.
        hint = HINTS[FULL]
    options = {"INFERENCE_PRECISION_HINT": hint}
    if device != "CPU":
        return options
    threads = opening.threads or usable_cores()
    # Pinned threads of two runs would share some cores and leave others idle.
    return options | {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "ENABLE_CPU_PINNING": False}


def capabilities(device: str) -> tuple[str, ...]:
    """What a device computes in, by OpenVINO's names: ``FP32``, ``BF16``, ``INT8`` and so on."""
    return tuple(core().get_property(device, "OPTIMIZATION_CAPABILITIES"))


def _port(port: Any) -> _Port:  # noqa: ANN401  OpenVINO's own type
    shape = [axis.get_length() if axis.is_static else None for axis in port.get_partial_shape()]
    kind = port.get_element_type().to_dtype().name
    return _Port(port.get_any_name(), _TYPES.get(kind, f"tensor({kind})"), shape)


def _load_error(error: RuntimeError, opening: Opening) -> SrcliError:
    """What a failed creation of a session means."""
    device, name = opening.device, opening.name
    if ran_out_of_memory(error):
        return OutOfMemory(f"not enough memory on {device.name} to load {name.name}")
    return DeviceUnavailable(
        f"{device.name} does not run {name.name}: {first_line(error)}", hint="--device cpu"
    )
