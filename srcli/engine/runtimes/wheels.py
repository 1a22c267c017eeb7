"""Which onnxruntime wheels are installed; two at once overwrite each other's files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import distributions

TWO_WHEELS_CURE = (
    "pip uninstall -y onnxruntime onnxruntime-gpu, then pip install '.[cuda]' in a copy of srcli's repository"
)


@dataclass(frozen=True, slots=True)
class Wheel:
    """An installed distribution."""

    name: str
    version: str


def installed_wheels() -> tuple[Wheel, ...]:
    """The installed distributions that provide the module ``onnxruntime``, by name."""
    found = {
        (_normalised(distribution.name), distribution.version)
        for distribution in distributions()
        if _provides_onnxruntime(distribution.name or "")
    }
    return tuple(Wheel(name, version) for name, version in sorted(found))


def _provides_onnxruntime(name: str) -> bool:
    """``onnxruntime``, ``onnxruntime-gpu`` and builds for other providers; not its extensions."""
    return (
        re.fullmatch(r"onnxruntime(-(gpu|directml|openvino|rocm|qnn|silicon))?", _normalised(name))
        is not None
    )


def _normalised(name: str) -> str:
    """A distribution's name as PEP 503 writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()
