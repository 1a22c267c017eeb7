"""Limits that a container or a service manager sets for this process: Linux control groups, both versions."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

ROOT = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")


def free_memory_bytes() -> int | None:
    """What the tightest limit leaves, in bytes; None where there is none.

    Pages of files that were read count as used there, but the kernel gives the inactive ones back when memory
    runs short: they are free.
    """
    rooms = [
        *(_room(folder, "memory.max", "memory.current", "inactive_file") for folder in _folders("")),
        *(
            _room(folder, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
            for folder in _folders("memory")
        ),
    ]
    return min((room for room in rooms if room is not None), default=None)


def processor_quota() -> int | None:
    """Whole processors of the tightest time quota, at least 1; None where there is none."""
    quotas = [
        *(_share(*_read(folder / "cpu.max").partition(" ")[::2]) for folder in _folders("")),
        *(
            _share(_read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us"))
            for folder in _folders("cpu")
        ),
    ]
    return min((quota for quota in quotas if quota is not None), default=None)


def _folders(controller: str) -> list[Path]:
    """This process's group and those above it, each of which may set a limit.

    Args:
        controller: of version 1, which has a hierarchy for each; empty for version 2.
    """
    base = ROOT / controller
    path = _path(_read(MEMBERSHIP), controller)
    return [base / path, *(base / parent for parent in path.parents)]


def _path(membership: str, controller: str) -> PurePosixPath:
    """Where the group lies below the hierarchy's root; within a container, the root itself."""
    for line in membership.splitlines():
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        if controller in controllers.split(","):
            return PurePosixPath(path.lstrip("/"))
    return PurePosixPath()


def _room(folder: Path, limit: str, used: str, reclaimable: str) -> int | None:
    """Bytes between a group's use and its limit."""
    most, now = _read(folder / limit), _read(folder / used)
    if not most.isdigit() or not now.isdigit():
        return None
    given_back = _statistic(_read(folder / "memory.stat"), reclaimable)
    return max(0, int(most) - max(0, int(now) - given_back))


def _statistic(text: str, name: str) -> int:
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        if key == name and value.isdigit():
            return int(value)
    return 0


def _share(quota: str, period: str) -> int | None:
    if not quota.isdigit() or not period.isdigit() or not int(period):
        return None
    return max(1, int(quota) // int(period))


def _read(file: Path) -> str:
    """A small system file's text; empty where the system has no such file."""
    try:
        return file.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
