"""Feeds windows to one or several sessions: equal ones in batches, the next while the last ones run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from srcli.core.ordered import OrderedResults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from srcli.core.arrays import Batch

_Lane = TypeVar("_Lane")
_Result = TypeVar("_Result")

WAITING = 2
"""Batches that each lane may hold: the one that runs and the one that comes next."""


def run_in_turn(windows: Iterable[Batch], run: Callable[[Batch], _Result]) -> Iterator[_Result]:
    """Run window by window, each when its result is asked for."""
    return map(run, windows)


class Lanes(Generic[_Lane]):
    """Runs windows in batches that are dealt out among lanes.

    Each lane has a thread of its own, always the same one, and runs one batch at a time. Batches go to the
    lanes in turn, also where several threads have windows run.

    Args:
        lanes: what batches run on.
    """

    def __init__(self, lanes: Sequence[_Lane]) -> None:
        self._count = len(lanes)
        self._turns = cycle([(ThreadPoolExecutor(1, "lane"), lane) for lane in lanes])

    def run(
        self,
        windows: Iterable[Batch],
        pixels: int,
        work: Callable[[_Lane, Batch], Sequence[_Result]],
    ) -> Iterator[_Result]:
        """Run windows; at most ``WAITING`` batches a lane are held.

        Args:
            windows: each (1, 3, h, w) float32; read as far ahead as batches are held.
            pixels: input pixels that a batch may have, unless a single window has more.
            work: runs a batch, (N, 3, h, w) float32, on a lane, and gives N results.

        Yields:
            The result of each window, in the order of the windows.

        Raises:
            OutOfMemory, UnsuitableModel: what a lane raises, when the result of its batch is due.
        """
        # The one whose result is waited for is held as well.
        with closing(OrderedResults[list[_Result]](WAITING * self._count - 1)) as held:
            for group in group_equal(windows, pixels):
                thread, lane = next(self._turns)
                for results in held.add(thread.submit(run_group, group, partial(work, lane))):
                    yield from results
            for results in held.drain():
                yield from results


def group_equal(windows: Iterable[Batch], pixels: int) -> Iterator[list[Batch]]:
    """Neighbours of one shape together, as many as ``pixels`` allow rounded down to a power of two."""
    group: list[Batch] = []
    for window in windows:
        if group and (window.shape != group[0].shape or len(group) == _most(window, pixels)):
            yield group
            group = []
        group.append(window)
    if group:
        yield group


def run_group(group: Sequence[Batch], run: Callable[[Batch], Sequence[_Result]]) -> list[_Result]:
    """Run windows of one shape as one batch, filled up to a power of two with copies of the last window.

    A device tunes itself for every new shape; with powers of two it meets few.
    """
    missing = _power_at_or_above(len(group)) - len(group)
    return list(run(np.concatenate([*group, *[group[-1]] * missing]))[: len(group)])


def _most(window: Batch, pixels: int) -> int:
    """The largest power of two of windows that ``pixels`` allow; at least one."""
    count = max(1, pixels // (window.shape[2] * window.shape[3]))
    most: int = 1 << (count.bit_length() - 1)
    return most


def _power_at_or_above(count: int) -> int:
    """The smallest power of two that is no less than a positive count."""
    return 1 << (count - 1).bit_length()
