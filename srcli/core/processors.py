"""The processors that this process may use."""

from __future__ import annotations

import os


def allowed_processors() -> list[int]:
    """The numbers of the logical processors that the scheduler gives this process."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))
