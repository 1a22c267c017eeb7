"""How quickly frames come, and when the last will."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LATELY = 50
"""Frames that tell the pace: enough that frames which are finished side by side count as they should."""


@dataclass(slots=True)
class Pace:
    """Counts frames as they are finished.

    Attributes:
        total: how many there will be; None where nothing tells.
        done: how many are.
        repeated: how many of them took no time, being equal to the one before.
    """

    total: int | None
    done: int = 0
    repeated: int = 0
    clock: Callable[[], float] = time.monotonic
    _times_s: deque[float] = field(default_factory=lambda: deque(maxlen=LATELY + 1))

    def begin(self) -> None:
        """The work begins, or goes on behind frames that are done."""
        self._times_s.append(self.clock())

    def count(self, *, repeated: bool) -> None:
        """A frame is finished."""
        self.done += 1
        self.repeated += repeated
        if not repeated:
            self._times_s.append(self.clock())

    @property
    def frames_per_second(self) -> float | None:
        """Lately; None before the first frame. Frames that took no time raise it by their share."""
        if len(self._times_s) < 2:
            return None
        step_s = (self._times_s[-1] - self._times_s[0]) / (len(self._times_s) - 1)
        share = (self.done - self.repeated) / self.done
        return 1.0 / max(1e-6, step_s * share)

    @property
    def left_s(self) -> float | None:
        """Seconds until the last frame; None where that can't be told."""
        rate = self.frames_per_second
        if rate is None or self.total is None:
            return None
        return max(0, self.total - self.done) / rate
