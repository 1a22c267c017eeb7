"""The one door to onnxruntime: loads it late, keeps it quiet, and knows its exceptions."""

from __future__ import annotations

import functools
import importlib
import re
from typing import TYPE_CHECKING, Any, Protocol

from srcli.core.errors import MachineError, OutOfMemory
from srcli.core.out_of_memory import ran_out_of_memory
from srcli.core.silent_imports import import_onnxruntime

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    import numpy.typing as npt


class Node(Protocol):
    """A declared input or output. An axis of ``shape`` is an integer where fixed, else a name or None."""

    name: str
    type: str
    shape: list[int | str | None]


class NativeSession(Protocol):
    """The part of ``onnxruntime.InferenceSession`` that srcli uses."""

    def get_inputs(self) -> list[Node]:
        """The declared inputs."""

    def get_outputs(self) -> list[Node]:
        """The declared outputs."""

    def get_providers(self) -> list[str]:
        """The providers that run it, the main one first."""

    def run(self, names: Sequence[str] | None, feed: dict[str, npt.NDArray[Any]]) -> list[npt.NDArray[Any]]:
        """The outputs of these names for the given inputs; all of them for None."""


FATAL_ONLY = 4
"""Log severity at which onnxruntime writes nothing on standard error: srcli tells its errors itself."""

ERROR_CLASSES = (
    "EPFail",
    "EngineError",
    "Fail",
    "InvalidArgument",
    "InvalidGraph",
    "InvalidProtobuf",
    "ModelLoaded",
    "NoModel",
    "NoSuchFile",
    "NotImplemented",
    "RuntimeException",
)
"""The exceptions of onnxruntime's C++ side; they have no common base class."""


_CHECK = re.compile(r"(?<=Status Message: )/\S+:\d+ .* was false\. ")
"""Where in onnxruntime's source a check failed, and its code."""


@functools.cache
def onnxruntime() -> ModuleType:
    """The onnxruntime module, which reports to nobody.

    Raises:
        MachineError: onnxruntime can't be imported, or two of its wheels overwrote each other.
    """
    try:
        module = import_onnxruntime()
        # For Windows, which knows no switch, and for a host program that had loaded the library before.
        module.disable_telemetry_events()
        module.set_default_logger_severity(FATAL_ONLY)
    except (ImportError, OSError, AttributeError, MemoryError) as error:
        if ran_out_of_memory(error):
            raise OutOfMemory("there is not enough memory to load onnxruntime") from error
        raise MachineError(
            f"cannot load onnxruntime: {error}",
            hint="pip uninstall -y onnxruntime onnxruntime-gpu, then install srcli again",
        ) from error
    return module


@functools.cache
def runtime_errors() -> tuple[type[Exception], ...]:
    """The exceptions that onnxruntime raises; the built-in ones come from its Python binding.

    ``UnicodeDecodeError`` is one of them: its binding makes text of messages about names that are none.
    """
    onnxruntime()
    state = importlib.import_module("onnxruntime.capi.onnxruntime_pybind11_state")
    found = (getattr(state, name, None) for name in ERROR_CLASSES)
    return (*(kind for kind in found if kind is not None), RuntimeError, MemoryError, UnicodeDecodeError)


def first_line(error: BaseException) -> str:
    """An error of onnxruntime or OpenVINO in one line, without its code prefix or places in its source."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if not _is_place(line)] or lines or [type(error).__name__]
    return _CHECK.sub("", telling[0].split(" : ", 3)[-1])


def _is_place(line: str) -> bool:
    """Whether a line only tells where in OpenVINO's source an error arose."""
    return line.endswith(":") and line.startswith(("Exception from ", "Check "))
