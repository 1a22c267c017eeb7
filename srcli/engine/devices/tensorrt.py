"""NVIDIA RTX GPUs by TensorRT for RTX, which compiles a generator for the GPU at hand."""

from __future__ import annotations

from srcli.engine.devices import nvidia
from srcli.engine.devices.plugins import PluginKind


class _TensorRt(PluginKind):
    name = "tensorrt"
    title = "NVIDIA RTX GPUs by TensorRT"
    usage = "tensorrt[:N]"
    provider = "NvTensorRTRTXExecutionProvider"
    module = "onnxruntime_ep_nv_tensorrt_rtx"
    install = "pip install '.[tensorrt]' in a copy of srcli's repository"
    missing = "no NVIDIA GPU of the series RTX 30 or later"
    own_memory = True

    def free_memory_bytes(self, part: str) -> int:
        return nvidia.free_memory_bytes(int(part))


TENSORRT = _TensorRt()
