"""GPUs and neural engines of Apple by CoreML, which the wheel for macOS brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.core.precision import HALF
from srcli.engine.devices.builtin import BuiltInKind

if TYPE_CHECKING:
    from srcli.engine.devices.kind import Opening


class _CoreMl(BuiltInKind):
    name = "coreml"
    title = "GPUs and neural engines of Apple by CoreML"
    usage = "coreml"
    provider = "CoreMLExecutionProvider"
    install = "pip install --upgrade onnxruntime"
    platform, system = "darwin", "macOS"

    def options(self, opening: Opening) -> dict[str, str]:
        # The neural engine computes in half precision, whatever a file holds.
        units = "ALL" if opening.precision == HALF else "CPUAndGPU"
        return {"ModelFormat": "MLProgram", "MLComputeUnits": units}


COREML = _CoreMl()
