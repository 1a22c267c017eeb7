"""Results of jobs that threads do beside one another, in the order of the jobs and in bounded memory."""

from __future__ import annotations

from collections import deque
from concurrent.futures import wait
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

_Result = TypeVar("_Result")


class OrderedResults(Generic[_Result]):
    """Hands results over in the order in which their jobs were added.

    Args:
        most: jobs that are held at a time; adding one more waits for the first of them.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: deque[Future[_Result]] = deque()

    def add(self, job: Future[_Result]) -> Iterator[_Result]:
        """Take a job that a pool of threads was given; yields the results that are due.

        Raises:
            Exception: what the job raised whose result is due.
        """
        self._held.append(job)
        while len(self._held) > self._most:
            yield self._held.popleft().result()

    def drain(self) -> Iterator[_Result]:
        """All results that were not handed over yet."""
        while self._held:
            yield self._held.popleft().result()

    def close(self) -> None:
        """Drop the jobs that have not begun, and wait for the others."""
        for job in self._held:
            job.cancel()
        wait(self._held)
        self._held.clear()
