"""GPUs of any maker on Windows by DirectML, which a wheel of its own has instead of CUDA."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.engine.devices.builtin import BuiltInKind

if TYPE_CHECKING:
    from srcli.engine.devices.kind import Opening


class _DirectMl(BuiltInKind):
    name = "directml"
    title = "GPUs of any maker by DirectML"
    usage = "directml[:N]"
    pattern = r"\d+"
    default = "0"
    provider = "DmlExecutionProvider"
    install = "pip uninstall -y onnxruntime onnxruntime-gpu, then pip install onnxruntime-directml"
    platform, system = "win32", "Windows"
    own_memory = True

    def options(self, opening: Opening) -> dict[str, str]:
        return {"device_id": str(opening.device.index)}


DIRECTML = _DirectMl()
