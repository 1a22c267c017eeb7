"""Imports of libraries that would leave traces: of use with their makers, of fonts in the user's folders."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

TELEMETRY_SWITCH = "ORT_DISABLE_TELEMETRY"
"""At 1, onnxruntime notes no device id in the cache folder and looks up no collector, as it does by default
since 1.29. It is read once, when the library is loaded."""

_OPENVINO_TELEMETRY = "openvino_telemetry"
_MATPLOTLIB_FOLDER = "MPLCONFIGDIR"


def import_onnxruntime(module: str = "onnxruntime") -> ModuleType:
    """onnxruntime, or a module of it, that reports to nobody.

    Raises:
        ImportError: it is not installed, or lacks something itself.
    """
    if TELEMETRY_SWITCH in os.environ:
        # Processes started from here on inherit it; unset, it is the host's to set.
        os.environ[TELEMETRY_SWITCH] = "1"
    with _set_meanwhile(TELEMETRY_SWITCH, "1"):
        return importlib.import_module(module)


def import_openvino() -> ModuleType:
    """OpenVINO, which reports to nobody: by default it tells Google Analytics of every import.

    Its package for that is hidden while it is imported, which OpenVINO takes as not installed.

    Raises:
        ImportError: it is not installed, or lacks something itself.
    """
    if "openvino" in sys.modules or _OPENVINO_TELEMETRY in sys.modules:
        return importlib.import_module("openvino")
    sys.modules[_OPENVINO_TELEMETRY] = None  # type: ignore[assignment]  # how Python hides a module
    try:
        return importlib.import_module("openvino")
    finally:
        del sys.modules[_OPENVINO_TELEMETRY]


def import_matplotlib(module: str) -> ModuleType:
    """A module of matplotlib, which leaves its list of fonts in no folder of the user.

    Raises:
        ImportError: it is not installed.
    """
    if _MATPLOTLIB_FOLDER in os.environ:
        return importlib.import_module(module)
    with TemporaryDirectory(prefix="srcli-") as folder, _set_meanwhile(_MATPLOTLIB_FOLDER, folder):
        return importlib.import_module(module)


@contextlib.contextmanager
def _set_meanwhile(name: str, value: str) -> Iterator[None]:
    """Set a variable of the environment, which is the host's, for as long as the block lasts."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
