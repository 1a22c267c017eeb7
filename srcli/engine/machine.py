"""What the machine has to offer: cores and memory, within what the container allows."""

from __future__ import annotations

import platform
from pathlib import Path

from srcli.core.processors import allowed_processors

CPUINFO = Path("/proc/cpuinfo")
CGROUP = Path("/sys/fs/cgroup")
CPUS = Path("/sys/devices/system/cpu")
MEMINFO = Path("/proc/meminfo")
ASSUMED_MEMORY_BYTES = 2 * 2**30
"""Taken where the system does not tell how much memory is free (macOS, Windows)."""


def usable_cores() -> int:
    """Number of physical cores that this process may use; at least 1.

    Convolutions fill a core's vector units from one thread, so that the second hardware thread of a core adds
    nothing.
    """
    logical = allowed_processors()
    cores = {_core_of(cpu) for cpu in logical}
    return max(1, min(len(cores), _quota(CGROUP / "cpu.max", len(logical))))


def available_memory_bytes() -> int:
    """Memory that can be taken without swapping, within the container's limit."""
    return min(_system_memory_bytes(MEMINFO), _group_memory_bytes(CGROUP))


def processor_name() -> str:
    """What the processor calls itself; its architecture where the system does not tell more."""
    return _cpu_fact("model name") or platform.processor() or platform.machine()


def has_integer_dot_product() -> bool | None:
    """Whether the processor multiplies and adds 8-bit integers in one instruction; None where unknown.

    AVX-VNNI, AVX-512 VNNI or Arm's dot product.
    """
    flags = set((_cpu_fact("flags") or _cpu_fact("Features")).split())
    return bool(flags & {"avx_vnni", "avx512_vnni", "asimddp"}) if flags else None


def _cpu_fact(name: str) -> str:
    """The first processor's line of that name; empty where the system has none."""
    for line in _read(CPUINFO).splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return ""


def _core_of(cpu: int) -> tuple[str, str]:
    """What tells one physical core from another; the processor's own number where the system does not say."""
    topology = CPUS / f"cpu{cpu}" / "topology"
    package, core = _read(topology / "physical_package_id"), _read(topology / "core_id")
    return (package, core) if core else ("", str(cpu))


def _quota(file: Path, cpus: int) -> int:
    """Whole processors of a cgroup's time quota, such as ``150000 100000``; ``cpus`` where there is none."""
    quota, _, period = _read(file).partition(" ")
    if not quota.isdigit() or not period.isdigit():
        return cpus
    return max(1, int(quota) // int(period))


def _system_memory_bytes(file: Path) -> int:
    """``MemAvailable`` of the kernel."""
    for line in _read(file).splitlines():
        name, _, value = line.partition(":")
        if name == "MemAvailable":
            return int(value.split()[0]) * 1024
    return ASSUMED_MEMORY_BYTES


def _group_memory_bytes(folder: Path) -> int:
    """What a cgroup's memory limit leaves; unbounded where there is no limit."""
    limit, used = _read(folder / "memory.max"), _read(folder / "memory.current")
    if not limit.isdigit() or not used.isdigit():
        return 2**62
    return max(0, int(limit) - int(used))


def _read(file: Path) -> str:
    """A small system file's text; empty where the system has no such file."""
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
