"""What a run was trained on, in words."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import torch
from torch import nn

CPU_INFO = Path("/proc/cpuinfo")

BF16_INSTRUCTIONS = ("amx_bf16", "avx512_bf16")
"""With AVX-512 a step of `fast` or `balanced` takes 0.63 of its time in fp32."""


def choose_precision(precision: str, device: str) -> str:
    """``fp32`` or ``bf16`` as it is; for ``auto``, ``bf16`` where the device computes in it."""
    if precision != "auto":
        return precision
    if device.startswith("cuda"):
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    capabilities: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return "bf16" if any(capabilities.get(name) for name in BF16_INSTRUCTIONS) else "fp32"


def arithmetic(precision: str, device: str) -> torch.autocast:
    """A context in which convolutions compute in ``fp32`` or ``bf16`` on a device, and give that."""
    kind = torch.device(device).type
    return torch.autocast(kind, torch.bfloat16, enabled=precision == "bf16")


def channels_last(network: nn.Module) -> None:
    """Lay weights out with channels innermost: in bf16 on a CPU a U-Net takes half the time, VGG-16 0.7."""
    # The annotations of PyTorch don't know this argument.
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def describe_hardware(device: str) -> str:
    """The GPU's name, or the processor's with the number of threads, such as ``2 threads of AMD EPYC``."""
    if device.startswith("cuda"):
        return torch.cuda.get_device_name(device)
    threads = torch.get_num_threads()
    return f"{threads} thread{'' if threads == 1 else 's'} of {_processor()}, {os.cpu_count()} cores"


def _processor() -> str:
    if CPU_INFO.is_file():
        for line in CPU_INFO.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
