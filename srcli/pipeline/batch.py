"""Many pictures: small ones are enlarged side by side, each on its share of the threads, others one by one.

Meanwhile the next picture is decoded, and rows that are finished are encoded. Of large pictures at most one
waits on either side, and no more small ones are there than share the threads: memory is bounded, however many
there are.
"""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from srcli.core.progress import Progress, silent
from srcli.pipeline.channel import Abandoned
from srcli.pipeline.fidelity.figures import worst_of
from srcli.pipeline.report import FileReport, Summary, failed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.pipeline.jobs import Job
    from srcli.pipeline.work import Work
    from srcli.pipeline.worker import Worker


class Listener(Protocol):
    """Whoever wants to hear how a batch goes on; always called from the thread that runs the batch."""

    @property
    def tiles(self) -> Progress:
        """Told of each tile of a picture that is enlarged alone."""

    def started(self, work: Work) -> None:
        """A picture was read, and what its output can't hold is known; the work on it comes next."""

    def finished(self, report: FileReport) -> None:
        """A picture ended, well or not."""


def run_batch(jobs: Sequence[Job], worker: Worker, listener: Listener) -> Summary:
    """Work through the jobs. A picture that fails is reported and does not end the run.

    Args:
        jobs: without collisions.
        worker: does the stages.
        listener: hears of tiles and of finished pictures, in the order of the jobs.
    """
    summary = Summary()
    # The last few, too few to keep all threads busy side by side, go one by one on all of them.
    in_full_rounds = len(jobs) // worker.side_by_side * worker.side_by_side
    with (
        ThreadPoolExecutor(1, "decode") as decoder,
        # One more than share the threads, for a picture that was enlarged alone and is still being encoded.
        ThreadPoolExecutor(worker.side_by_side + 1, "encode") as encoders,
        ThreadPoolExecutor(worker.side_by_side, "enlarge") as sharers,
        closing(_Line(worker, listener, summary, encoders, sharers)) as line,
    ):
        upcoming = decoder.submit(_load, worker, jobs[0])
        for index, job in enumerate(jobs):
            loaded = upcoming.result()
            if index + 1 < len(jobs):
                upcoming = decoder.submit(_load, worker, jobs[index + 1])
            line.take(job, loaded, may_share=worker.side_by_side > 1 and index < in_full_rounds)
            # Drop this reference, or the picture would stay in memory while the next is waited for.
            del loaded
        line.drain()
    return summary


def _load(worker: Worker, job: Job) -> Work | FileReport:
    started_s = time.perf_counter()
    try:
        return worker.load(job)
    except Exception as error:
        return failed(job.source_name, job.target_name, error, time.perf_counter() - started_s)


class _Line:
    """The part of the line after decoding; holds the pictures that are not reported yet, in order."""

    def __init__(
        self,
        worker: Worker,
        listener: Listener,
        summary: Summary,
        encoders: ThreadPoolExecutor,
        sharers: ThreadPoolExecutor,
    ) -> None:
        self._worker = worker
        self._listener = listener
        self._summary = summary
        self._encoders = encoders
        self._sharers = sharers
        self._pending: deque[tuple[Future[FileReport | None], Work | None]] = deque()
        self._sharing = False

    def close(self) -> None:
        """Give up what is left where the run was interrupted: it ends at its next rows."""
        for _, work in self._pending:
            if work is not None:
                work.rows.abandon()

    def take(self, job: Job, loaded: Work | FileReport, *, may_share: bool) -> None:
        """Enlarge a picture, or have it enlarged beside others as soon as one of them has left."""
        if isinstance(loaded, FileReport):
            self._append(_ended(loaded))
            return
        self._listener.started(loaded)
        try:
            shares = may_share and self._worker.join_others(loaded)
        except Exception as error:
            loaded.close()
            self._append(_ended(_failed(job, loaded, error)))
            return
        if shares:
            self._share(job, loaded)
            return
        try:
            self._take_alone(job, loaded)
        finally:
            loaded.close()

    def drain(self) -> None:
        """Wait for all pictures."""
        while self._pending:
            self._finish_first()

    def _append(self, future: Future[FileReport | None], work: Work | None = None) -> None:
        self._pending.append((future, work))
        self._report()

    def _report(self) -> None:
        """Report what has ended and has nothing before it."""
        while self._pending and self._pending[0][0].done():
            self._finish_first()

    def _finish_first(self) -> None:
        """Wait for the first picture; it is let go of when it has ended, so that an interrupt finds it."""
        report = self._pending[0][0].result()
        self._pending.popleft()
        self._finish(report)

    def _share(self, job: Job, work: Work) -> None:
        """Hand a picture to a thread of its own."""
        self._sharing = True
        while len(busy := [future for future, _ in self._pending if not future.done()]) >= (
            self._worker.side_by_side
        ):
            wait(busy, return_when=FIRST_COMPLETED)
            self._report()
        self._append(self._sharers.submit(self._enlarge_and_store, job, work), work)

    def _enlarge_and_store(self, job: Job, work: Work) -> FileReport | None:
        stored = self._encoders.submit(_store, self._worker, work, job, silent)
        failed = _enlarge(self._worker, work, job, silent)
        return stored.result() or failed

    def _take_alone(self, job: Job, work: Work) -> None:
        """Enlarge a picture in this thread and leave it to the encoder once the one before has left that."""
        if self._sharing:
            self.drain()
            self._worker.stop_sharing()
            self._sharing = False
        if work.is_animation:
            # Its frames run through the generator as they are encoded: all of it belongs to this thread.
            self.drain()
            self._finish(_store(self._worker, work, job, self._listener.tiles))
            return
        if not self._worker.fits(work):
            self.drain()
        stored = self._encoders.submit(_store, self._worker, work, job, silent)
        failed = _enlarge(self._worker, work, job, self._listener.tiles)
        self.drain()
        if failed is None:
            self._append(stored, work)
        else:
            stored.result()
            self._finish(failed)

    def _finish(self, report: FileReport | None) -> None:
        assert report is not None, "a picture was neither stored nor found to fail"
        self._summary.add(report)
        self._listener.finished(report)


def _enlarge(worker: Worker, work: Work, job: Job, progress: Progress) -> FileReport | None:
    """Send a picture's rows to the encoder; gives a report where it failed on this side."""
    try:
        worker.enlarge(work, progress)
    except Abandoned:
        return None
    except Exception as error:
        return _failed(job, work, error)
    finally:
        work.close()
    return None


def _store(worker: Worker, work: Work, job: Job, progress: Progress) -> FileReport | None:
    """Store a picture; gives no report where enlarging it failed."""
    try:
        return worker.store(work, progress)
    except Abandoned:
        return None
    except Exception as error:
        return _failed(job, work, error)
    finally:
        work.rows.abandon()


def _failed(job: Job, work: Work, error: Exception) -> FileReport:
    report = failed(job.source_name, job.target_name, error, work.seconds()[0])
    return replace(report, fidelity=worst_of(work.fidelity) if work.fidelity else None)


def _ended(report: FileReport) -> Future[FileReport | None]:
    """A picture that needs no work any more."""
    future: Future[FileReport | None] = Future()
    future.set_result(report)
    return future
