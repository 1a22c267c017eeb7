"""GPUs of any maker by WebGPU: over Vulkan, Direct3D 12 or Metal."""

from __future__ import annotations

from srcli.engine.devices.plugins import PluginKind


class _WebGpu(PluginKind):
    name = "webgpu"
    title = "GPUs of any maker by WebGPU"
    usage = "webgpu[:N]"
    provider = "WebGpuExecutionProvider"
    module = "onnxruntime_ep_webgpu"
    install = "pip install '.[webgpu]' in a copy of srcli's repository"
    missing = "no GPU with Vulkan, Direct3D 12 or Metal"


WEBGPU = _WebGpu()
