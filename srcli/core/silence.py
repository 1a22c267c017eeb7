"""How long a process may be silent, by its own processor time: the clock counts what others do as well."""

from __future__ import annotations

import time

import psutil

ON_THE_CLOCK = 10
"""How many times the limit may pass on the clock: a process that sleeps, waits or swaps spends nothing."""
LOOKS = 5
"""How often a process that has been silent for its limit on the clock is looked at, in that limit."""


class Silence:
    """The silence of a process, which ends where it spends its limit or lets several times that pass.

    Processor time of several threads adds up; so the limit has to pass on the clock as well.

    Args:
        process: its number.
        limit_s: the longest that it may be silent, in seconds.
    """

    def __init__(self, process: int, limit_s: float) -> None:
        self._process, self._limit_s = process, limit_s
        self.broken()

    def broken(self) -> None:
        """It was heard."""
        self._since_s = time.monotonic()
        self._spent_s = _processor_time_s(self._process)

    @property
    def next_look_s(self) -> float:
        """How long to listen before it can be too long, in seconds."""
        passed_s = time.monotonic() - self._since_s
        return max(self._limit_s - passed_s, self._limit_s / LOOKS)

    def too_long(self) -> str | None:
        """Which limit was met, in words that follow "it"; None while it may go on."""
        passed_s = time.monotonic() - self._since_s
        if passed_s >= ON_THE_CLOCK * self._limit_s:
            return f"gave no sign of life for {ON_THE_CLOCK * self._limit_s:g} seconds"
        spent_s = _processor_time_s(self._process) - self._spent_s
        if min(passed_s, spent_s) >= self._limit_s:
            return f"gave no sign of life for {self._limit_s:g} seconds of processor time"
        return None


def _processor_time_s(process: int) -> float:
    """What a process has spent, in seconds; nothing for one that has ended."""
    try:
        times = psutil.Process(process).cpu_times()
    except psutil.Error:
        return 0.0
    spent_s: float = times.user + times.system
    return spent_s
