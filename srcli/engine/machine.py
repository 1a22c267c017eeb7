"""What the machine has to offer: cores and memory, within what the container allows."""

from __future__ import annotations

import platform
from pathlib import Path

import psutil

from srcli.core.address_space import address_limit
from srcli.core.processors import allowed_processors
from srcli.engine import cgroup

CPUINFO = Path("/proc/cpuinfo")
RESERVED_ADDRESSES = 256 * 2**20
"""Addresses that threads to come reserve for their stacks and heaps, and of which they use little."""
CPUS = Path("/sys/devices/system/cpu")


def usable_cores() -> int:
    """Number of physical cores that this process may use; at least 1.

    Convolutions fill a core's vector units from one thread, so that the second hardware thread of a core adds
    nothing.
    """
    logical = allowed_processors()
    known = {core for core in map(_core_of, logical) if core}
    # Where the system tells no core of a processor: all of the machine's, if as many are allowed.
    cores = len(known) or min(len(logical), psutil.cpu_count(logical=False) or len(logical))
    return max(1, min(cores, cgroup.processor_quota() or cores))


def available_memory_bytes() -> int:
    """Memory that can be taken without swapping, within the limits of the container and of the process."""
    free: int = psutil.virtual_memory().available
    limits = (free, cgroup.free_memory_bytes(), _free_addresses())
    return min(limit for limit in limits if limit is not None)


def _free_addresses() -> int | None:
    """Bytes that a limit on the address space (``ulimit -v``) leaves; None without one."""
    limit = address_limit()
    if limit is None:
        return None
    taken: int = psutil.Process().memory_info().vms
    return max(0, limit - taken - RESERVED_ADDRESSES)


def processor_name() -> str:
    """What the processor calls itself; its architecture where the system does not tell more."""
    return _cpu_fact("model name") or platform.processor() or platform.machine()


def has_integer_dot_product() -> bool | None:
    """Whether the processor multiplies and adds 8-bit integers in one instruction; None where unknown.

    AVX-VNNI, AVX-512 VNNI or Arm's dot product.
    """
    flags = set(processor_features().split())
    return bool(flags & {"avx_vnni", "avx512_vnni", "asimddp"}) if flags else None


def processor_features() -> str:
    """The names of the processor's instruction sets, between spaces; empty where the system tells none."""
    return _cpu_fact("flags") or _cpu_fact("Features")


def _cpu_fact(name: str) -> str:
    """The first processor's line of that name; empty where the system has none."""
    for line in _read(CPUINFO).splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return ""


def _core_of(cpu: int) -> tuple[str, str] | None:
    """What tells one physical core from another; None where the system does not say."""
    topology = CPUS / f"cpu{cpu}" / "topology"
    package, core = _read(topology / "physical_package_id"), _read(topology / "core_id")
    return (package, core) if core else None


def _read(file: Path) -> str:
    """A small system file's text; empty where the system has no such file."""
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
