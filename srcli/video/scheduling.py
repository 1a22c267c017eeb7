"""Encoders that take the machine for themselves are brought back to the priority of all else."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_TASKS = Path("/proc/self/task")


@contextmanager
def usual_scheduling() -> Iterator[None]:
    """Keep the calling thread's scheduling, and give it to all threads that start meanwhile.

    Run by root, as in many containers, SVT-AV1 makes its threads and the one that opens it real-time
    (SCHED_FIFO, priority 99), and all processes that come of that inherit it: nothing else on the machine
    would run as long as they have work. Elsewhere than on Linux nothing is done.
    """
    if not _TASKS.is_dir():
        yield
        return
    policy, parameters, before = os.sched_getscheduler(0), os.sched_getparam(0), _threads()
    try:
        yield
    finally:
        for thread in (0, *(_threads() - before)):
            # It may have ended meanwhile.
            with suppress(OSError):
                os.sched_setscheduler(thread, policy, parameters)


def _threads() -> set[int]:
    return {int(task.name) for task in _TASKS.iterdir()}
