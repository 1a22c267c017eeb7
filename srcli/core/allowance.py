"""How long a process may work at something, by its processor time: the clock counts what others do too."""

from __future__ import annotations

import time

import psutil

ON_THE_CLOCK = 10
"""How many times the limit may pass on the clock: a process that sleeps, waits or swaps spends nothing."""
LOOKS = 5
"""How often a process that was given its limit on the clock is looked at, in that limit."""


class Allowance:
    """Ends where a process spends its limit, or lets several times that pass.

    Processor time of several threads adds up; so the limit has to pass on the clock as well.

    Args:
        process: its number.
        limit_s: the longest that it may work, in seconds.
    """

    def __init__(self, process: int, limit_s: float) -> None:
        self._process, self._limit_s = process, limit_s
        self.begin_again()

    def begin_again(self) -> None:
        """It did what was waited for, and goes on to something else."""
        self._since_s = time.monotonic()
        self._spent_s = _processor_time_s(self._process)

    @property
    def next_look_s(self) -> float:
        """How long to wait before it can be over, in seconds."""
        passed_s = time.monotonic() - self._since_s
        return max(self._limit_s - passed_s, self._limit_s / LOOKS)

    def over(self) -> str | None:
        """The limit that was met, such as ``3 seconds of processor time``; None while there is time."""
        passed_s = time.monotonic() - self._since_s
        if passed_s >= ON_THE_CLOCK * self._limit_s:
            return f"{ON_THE_CLOCK * self._limit_s:g} seconds"
        if passed_s < self._limit_s:
            return None
        spent_s = _processor_time_s(self._process) - self._spent_s
        return f"{self._limit_s:g} seconds of processor time" if spent_s >= self._limit_s else None


def _processor_time_s(process: int) -> float:
    """What a process has spent, in seconds; nothing for one that has ended."""
    try:
        times = psutil.Process(process).cpu_times()
    except psutil.Error:
        return 0.0
    spent_s: float = times.user + times.system
    return spent_s
