"""One large picture over many workers: its rows of windows are computed by them, and joined here.

All else is done as for any picture: it is decoded, resized and encoded here, row by row, with its journal.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.cancel import CancelToken
from srcli.core.errors import Cancelled
from srcli.core.events import Events
from srcli.pipeline.cluster.orders import Computed, RowOrder
from srcli.upscaling.estimates import RESUMABLE_FROM_PIXELS
from srcli.upscaling.report import FileReport, Status
from srcli.upscaling.scheduler import run_batch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Self

    from srcli.engine.tiling.elsewhere import RowOfPatches, RowOfWindows, TilingPlan
    from srcli.pipeline.cluster.dispatch import Task
    from srcli.pipeline.cluster.orders import Answer
    from srcli.upscaling.generator import Generator
    from srcli.upscaling.jobs import Job
    from srcli.upscaling.run import Run
    from srcli.upscaling.stages import Worker

WAITING = 2
"""Rows that are ready for the next worker that is free."""
MOST_WAITING_BYTES = 2**31
"""What rows that are under way, or are done before those above them, may take."""

SPREAD_FROM_PIXELS = RESUMABLE_FROM_PIXELS
"""Outputs above this are worth it, where there are fewer of them than workers."""


def is_worth_spreading(job: Job, worker: Worker) -> bool:
    """Whether the rows of a picture are to be shared out; False where it can't be read, which others tell."""
    try:
        inspection = worker.inspect(job)
    except Exception:
        return False
    with inspection.picture:
        large = inspection.size.pixels > SPREAD_FROM_PIXELS and not inspection.encoding.animated
        # One that gives colour sees the picture as a whole.
        in_rows = not any(generator.card.colours for generator in inspection.generators)
        return large and in_rows and bool(inspection.generators)


class RowTask:
    """A row of windows; see :class:`~srcli.pipeline.cluster.dispatch.Task`.

    Args:
        name: of the picture.
        sha256: of the generator.
        plan: of the picture.
        part: the input.

    Attributes:
        result: what comes of it.
    """

    folder = Path()
    goes_alone = True

    def __init__(self, name: str, sha256: str, plan: TilingPlan, part: RowOfWindows) -> None:
        self.name = name
        self._sha256 = sha256
        self._plan = plan
        self._part = part
        self.result: Future[RowOfPatches] = Future()

    def order(self, key: int, *, with_data: bool, again: bool) -> RowOrder:
        """See :class:`~srcli.pipeline.cluster.dispatch.Task`."""
        return RowOrder(key, self._sha256, self._plan, self._part)

    def take(self, answer: Answer) -> None:
        """See :class:`~srcli.pipeline.cluster.dispatch.Task`."""
        assert isinstance(answer, Computed), "a row is answered by its patches"
        if isinstance(answer.result, Exception):
            self.fail(answer.result)
        elif not self.result.done():
            self.result.set_result(answer.result)

    def fail(self, error: Exception) -> None:
        """See :class:`~srcli.pipeline.cluster.dispatch.Task`."""
        if not self.result.done():
            self.result.set_exception(error)


class Spread:
    """Has generators compute their rows of windows by workers.

    Args:
        add: gives a task to the workers, ahead of others.
        workers: tells how many there are.

    Attributes:
        last: what came last, which tells where pictures were computed.
    """

    def __init__(self, add: Callable[[Task], None], workers: Callable[[], int]) -> None:
        self._add = add
        self._workers = workers
        self._lock = Lock()
        self._closed = False
        self._waiting: deque[RowTask] = deque()
        self.name = ""
        self.last: RowOfPatches | None = None

    def take_over(self, generators: Sequence[Generator]) -> None:
        """Have these computed by workers from now on."""
        for generator in generators:
            generator.elsewhere = self._elsewhere(generator)

    def close(self) -> None:
        """End what waits for workers."""
        with self._lock:
            self._closed = True
            for task in tuple(self._waiting):
                task.fail(Cancelled("cancelled"))

    def _elsewhere(
        self, generator: Generator
    ) -> Callable[[TilingPlan, Iterator[RowOfWindows]], Iterator[RowOfPatches]]:
        sha256, scale = generator.card.sha256, generator.scale

        def compute(plan: TilingPlan, parts: Iterator[RowOfWindows]) -> Iterator[RowOfPatches]:
            row_bytes = plan.window.height * plan.size.width * 3 * scale**2 * (1 if plan.rounds else 4)
            ahead: deque[RowTask] = deque()
            try:
                for part in parts:
                    ahead.append(self._start(RowTask(self.name, sha256, plan, part)))
                    while len(ahead) > max(
                        1, min(self._workers() + WAITING, MOST_WAITING_BYTES // row_bytes)
                    ):
                        yield self._taken(ahead.popleft())
                while ahead:
                    yield self._taken(ahead.popleft())
            finally:
                for task in ahead:
                    self._forget(task)

        return compute

    def _start(self, task: RowTask) -> RowTask:
        with self._lock:
            if self._closed:
                raise Cancelled("cancelled")
            self._waiting.append(task)
        self._add(task)
        return task

    def _taken(self, task: RowTask) -> RowOfPatches:
        try:
            self.last = found = task.result.result()
        finally:
            self._forget(task)
        # Floats are finished in place, and what came through shared memory can't be written to.
        return _writable(found)

    def _forget(self, task: RowTask) -> None:
        with self._lock:
            self._waiting.remove(task)


class LargePictures:
    """Pictures whose rows are computed by workers, one after the other, in a thread.

    Args:
        jobs: the pictures, by their numbers.
        run: what they belong to.
        spread: has their rows computed.
        report: takes how each ended.
        progress: hears of tiles.
    """

    def __init__(
        self,
        jobs: Sequence[tuple[int, Job]],
        run: Run,
        spread: Spread,
        report: Callable[[int, FileReport], None],
        progress: Callable[[str, str, int, int], None],
    ) -> None:
        self._jobs = jobs
        self._run = run
        self._spread = spread
        self._report = report
        self._progress = progress
        self._cancel = CancelToken()
        self._error: BaseException | None = None
        self._thread = Thread(target=self._work, name="join")

    def __enter__(self) -> Self:
        self._spread.take_over(self._run.pool.generators)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._cancel.cancel()
        self._spread.close()
        self._thread.join()

    def is_busy(self) -> bool:
        """Whether there may be more rows to compute.

        Raises:
            BaseException: a bug that ended it.
        """
        if self._error is not None:
            raise self._error
        return self._thread.is_alive()

    def _work(self) -> None:
        try:
            for number, job in self._jobs:
                self._spread.name = job.source.name
                heard = _Heard(partial(self._finished, number), self._progress)
                run_batch([job], self._run.worker, heard, self._cancel)
        except BaseException as error:
            # Raised again in the thread that waits for the pictures; after a cancel nobody does.
            self._error = error

    def _finished(self, number: int, report: FileReport) -> None:
        last = self._spread.last
        if last is not None and report.status is Status.DONE:
            where = (last.device, last.provider, last.runtime)
            report = replace(report, device=where[0], provider=where[1], runtime=where[2])
        self._report(number, report)


class _Heard(Events[FileReport]):
    """Passes on how one picture goes."""

    def __init__(
        self, finished: Callable[[FileReport], None], progress: Callable[[str, str, int, int], None]
    ) -> None:
        self._finished = finished
        self._progress = progress

    def progress(self, item: str, unit: str, done: int, total: int) -> None:
        self._progress(item, unit, done, total)

    def finished(self, outcome: FileReport) -> None:
        self._finished(outcome)


def _writable(found: RowOfPatches) -> RowOfPatches:
    patches = tuple(np.array(patch) if patch.dtype == np.float32 else patch for patch in found.patches)
    return replace(found, patches=patches)
