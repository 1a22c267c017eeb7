"""The processors that this process may use."""

from __future__ import annotations

import os

import psutil


def allowed_processors() -> list[int]:
    """The numbers of the logical processors that the scheduler gives this process."""
    process = psutil.Process()
    # macOS pins no process to processors.
    if hasattr(process, "cpu_affinity"):
        return sorted(process.cpu_affinity())
    return list(range(os.cpu_count() or 1))
