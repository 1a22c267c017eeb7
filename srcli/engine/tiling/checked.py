"""What a session makes of windows, and whether it can be a picture at all."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from srcli.core.errors import UnsuitableModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from srcli.core.arrays import Batch, Planes
    from srcli.core.rows import Band
    from srcli.engine.inference.uint8_output import Levels, Rounded
    from srcli.engine.sessions.session import Session

_Result = TypeVar("_Result")

_APART = 16
"""Levels are first looked at so many pixels apart: hardly a picture is flat even there."""
VISIBLE_CONTRAST = 16 / 255
"""An input that varies by more than this can't end as one flat colour."""


class CheckedResults:
    """Runs windows, and again in full precision on the CPU where garbage comes out.

    Args:
        session: the generator.
        fallback: opens a full-precision session on the CPU; opened at most once.

    Attributes:
        faults: what was wrong with each window that was computed again.
    """

    def __init__(self, session: Session, fallback: Callable[[], Session] | None) -> None:
        self.faults: list[str] = []
        self._session = session
        self._fallback = fallback
        self._reference: Session | None = None

    def run(self, windows: Iterable[Batch], *, in_levels: bool) -> Iterator[Band]:
        """Enlarge windows in order.

        Args:
            windows: each (1, 3, h, w) float32, RGB, 0..1.
            in_levels: whether the session is to round to 8-bit levels.

        Yields:
            (s*h, s*w, 3) for each window: levels where they were asked for and are sound, else float32, not
            clipped.

        Raises:
            OutOfMemory: the memory does not suffice.
            UnsuitableModel: the output is no picture even in full precision.
        """
        if in_levels:
            return self._checked(windows, self._session.run_to_levels, levels_fault, _levels)
        return self._checked(windows, self._session.run_many, fault, _planes)

    def _checked(
        self,
        windows: Iterable[Batch],
        run: Callable[[Iterable[Batch]], Iterator[_Result]],
        check: Callable[[Batch, _Result], str | None],
        pixels: Callable[[_Result], Band],
    ) -> Iterator[Band]:
        """The pixels of each result, or what comes of its window in full precision."""
        given: deque[Batch] = deque()

        def noted() -> Iterator[Batch]:
            for window in windows:
                given.append(window)
                yield window

        for result in run(noted()):
            wrong = check(given[0], result)
            yield pixels(result) if wrong is None else self._redo(given[0], wrong)
            given.popleft()

    def _redo(self, batch: Batch, wrong: str) -> Planes:
        """Compute a window again in full precision on the CPU."""
        if self._reference is None and self._fallback is not None:
            self._reference = self._fallback()
        result = None if self._reference is None else self._reference.run(batch)
        still = wrong if result is None else fault(batch, result)
        if result is None or still is not None:
            raise UnsuitableModel(
                f"the generator gives no picture: its output is {still}", hint="srcli models verify"
            )
        self.faults.append(wrong)
        return _planes(result)


def _levels(result: Rounded) -> Levels:
    return result.levels


def _planes(result: Batch) -> Planes:
    """The one picture of a batch, channels last: a view."""
    planes: Planes = result[0].transpose(1, 2, 0)
    return planes


def fault(given: Batch, result: Batch) -> str | None:
    """What is wrong with a generator's output, or None.

    Half precision overflows to infinity, infinity turns into NaN, and a failed kernel leaves a constant
    behind.

    Args:
        given: (N, 3, h, w) float32, 0..1.
        result: (N, 3, s*h, s*w) float32, before clipping.

    Returns:
        ``"NaN"``, ``"infinite"`` or ``"constant"``, None for a sound output.
    """
    low, high = float(result.min()), float(result.max())
    if np.isnan(low) or np.isnan(high):
        return "NaN"
    if np.isinf(low) or np.isinf(high):
        return "infinite"
    if low == high and float(np.ptp(given)) > VISIBLE_CONTRAST:
        return "constant"
    return None


def levels_fault(given: Batch, rounded: Rounded) -> str | None:
    """What is wrong with a generator's output that a device has rounded, or None.

    Args:
        given: (1, 3, h, w) float32, 0..1.
        rounded: what came of it.

    Returns:
        ``"not finite"`` or ``"constant"``, None for a sound output.
    """
    if not rounded.finite:
        return "not finite"
    if np.ptp(rounded.levels[::_APART, ::_APART]) or np.ptp(rounded.levels):
        return None
    return "constant" if float(np.ptp(given)) > VISIBLE_CONTRAST else None
