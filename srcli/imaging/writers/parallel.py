"""Work on one picture by several cores, in order and in bounded memory."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Generic, TypeVar

from srcli.core.ordered import OrderedResults
from srcli.core.processors import allowed_processors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_Result = TypeVar("_Result")

_MOST_THREADS = 8


class OrderedPool(Generic[_Result]):
    """Threads that do jobs beside one another and hand over the results in the order of the jobs.

    A picture of one job starts no thread.
    """

    def __init__(self) -> None:
        self._threads = min(_MOST_THREADS, len(allowed_processors()))
        self._pool: ThreadPoolExecutor | None = None
        self._first: Callable[[], _Result] | None = None
        self._waiting: OrderedResults[_Result] = OrderedResults(2 * self._threads)

    def add(self, job: Callable[[], _Result]) -> Iterator[_Result]:
        """Take a job; yields results that are due, so that no more than two jobs a thread wait."""
        if self._pool is None and self._first is None:
            self._first = job
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._threads, "deflate")
        if self._first is not None:
            first, self._first = self._first, None
            yield from self._waiting.add(self._pool.submit(first))
        yield from self._waiting.add(self._pool.submit(job))

    def drain(self) -> Iterator[_Result]:
        """All results that are not handed over yet."""
        if self._first is not None:
            job, self._first = self._first, None
            yield job()
        yield from self._waiting.drain()

    def close(self) -> None:
        """End the threads; jobs that have not begun are dropped."""
        self._first = None
        self._waiting.close()
        if self._pool is not None:
            self._pool.shutdown()
