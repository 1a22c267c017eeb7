"""Durations of frames in the whole ticks that a format counts."""

from __future__ import annotations


class FrameTicks:
    """Rounds durations so that their sum is right: what one frame loses, a later one gains."""

    def __init__(self, tick_ms: float) -> None:
        self._tick_ms = tick_ms
        self._elapsed_ms = 0.0
        self._elapsed_ticks = 0

    def ticks(self, duration_ms: float) -> int:
        """The duration of the next frame in ticks."""
        self._elapsed_ms += duration_ms
        ticks = round(self._elapsed_ms / self._tick_ms) - self._elapsed_ticks
        self._elapsed_ticks += ticks
        return ticks
