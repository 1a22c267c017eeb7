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
from functools import partial
from typing import TYPE_CHECKING

from srcli.core.cancel import CancelToken
from srcli.core.errors import Cancelled
from srcli.upscaling.advice import advise
from srcli.upscaling.channel import Abandoned
from srcli.upscaling.estimates import is_read_in_rows
from srcli.upscaling.fidelity.figures import worst_of
from srcli.upscaling.in_flight import Work
from srcli.upscaling.report import FileReport, Summary, failed
from srcli.upscaling.second_try import NOTE, SecondTries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.core.events import Events
    from srcli.upscaling.jobs import Job
    from srcli.upscaling.stages import Worker


def run_batch(
    jobs: Sequence[Job], worker: Worker, events: Events[FileReport], cancel: CancelToken | None = None
) -> Summary:
    """Work through the jobs. A picture that fails or is cancelled alone is reported; the run goes on.

    One whose file changed while it was read is tried once more behind the others.

    Args:
        jobs: without collisions.
        worker: does the stages.
        events: hears of tiles, of frames of animations and of finished pictures, in the order of the jobs.
        cancel: ends the run.

    Raises:
        Cancelled: the run was to end; pictures that were not finished by then are not reported.
    """
    cancel = cancel or CancelToken()
    summary = Summary()
    second: SecondTries[Job, FileReport] = SecondTries()
    with (
        ThreadPoolExecutor(1, "decode") as decoder,
        # One more than share the threads, for a picture that was enlarged alone and is still being encoded.
        ThreadPoolExecutor(worker.side_by_side + 1, "encode") as encoders,
        ThreadPoolExecutor(worker.side_by_side, "enlarge") as sharers,
        closing(_Line(worker, events, cancel, summary, encoders, sharers, second)) as line,
        closing(_Ahead(worker, cancel, decoder, second)) as ahead,
    ):
        _work_through(jobs, line, ahead, worker.side_by_side)
        again = second.begin_second_round()
        if again:
            _work_through(again, line, ahead, worker.side_by_side)
    return summary


def _work_through(jobs: Sequence[Job], line: _Line, ahead: _Ahead, side_by_side: int) -> None:
    # The last few, too few to keep all threads busy side by side, go one by one on all of them.
    in_full_rounds = len(jobs) // side_by_side * side_by_side
    ahead.begin(jobs[0])
    for index, job in enumerate(jobs):
        loaded = ahead.take()
        if index + 1 < len(jobs):
            ahead.begin(jobs[index + 1])
        line.take(job, loaded, may_share=side_by_side > 1 and index < in_full_rounds)
        # Drop this reference, or the picture would stay in memory while the next is waited for.
        del loaded
    line.drain()


class _Ahead:
    """Decodes one picture while others are enlarged."""

    def __init__(
        self,
        worker: Worker,
        cancel: CancelToken,
        decoder: ThreadPoolExecutor,
        second: SecondTries[Job, FileReport],
    ) -> None:
        self._worker = worker
        self._cancel = cancel
        self._decoder = decoder
        self._second = second
        self._upcoming: Future[Work | FileReport] | None = None

    def begin(self, job: Job) -> None:
        """Decode a picture."""
        self._upcoming = self._decoder.submit(self._load, job)

    def take(self) -> Work | FileReport:
        """The picture, as soon as it is decoded."""
        upcoming = self._upcoming
        assert upcoming is not None, "a picture is decoded before it is taken"
        loaded = upcoming.result()
        self._upcoming = None
        return loaded

    def close(self) -> None:
        """Let go of a picture that nobody took."""
        if self._upcoming is not None and not self._upcoming.cancel():
            self._upcoming.add_done_callback(_let_go)

    def _load(self, job: Job) -> Work | FileReport:
        started_s, before = time.perf_counter(), job.source.identity()
        try:
            return self._worker.load(job, self._cancel)
        except Exception as error:
            if isinstance(error, Cancelled):
                self._cancel.check()
            report = failed(job.source.name, job.target.name, error, time.perf_counter() - started_s)
            self._second.hold(job, before, job.source.identity(), error, report)
            return report


def _let_go(future: Future[Work | FileReport]) -> None:
    if future.exception() is None and isinstance(loaded := future.result(), Work):
        loaded.close()


class _Line:
    """The part of the line after decoding; holds the pictures that are not reported yet, in order."""

    def __init__(
        self,
        worker: Worker,
        events: Events[FileReport],
        cancel: CancelToken,
        summary: Summary,
        encoders: ThreadPoolExecutor,
        sharers: ThreadPoolExecutor,
        second: SecondTries[Job, FileReport],
    ) -> None:
        self._worker = worker
        self._events = events
        self._cancel = cancel
        self._summary = summary
        self._encoders = encoders
        self._sharers = sharers
        self._second = second
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
        if self._second.is_second_round:
            loaded.notes.append(NOTE)
        self._announce(loaded)
        try:
            shares = may_share and self._worker.join_others(loaded)
        except Exception as error:
            loaded.close()
            self._append(_ended(self._failed(job, loaded, error)))
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

    def _announce(self, work: Work) -> None:
        """Tell of a picture what is known before the work on it."""
        work.tell = partial(self._events.progress, work.name)
        self._events.started(work.name)
        for warning in work.inspection.warnings:
            self._events.warning(work.name, warning)
        if self._events.wants_hints:
            in_memory = None if is_read_in_rows(work.inspection) else work.frame
            advice = advise(work.inspection, in_memory)
            if advice is not None:
                self._events.hint(work.name, advice)

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
        stored = self._encoders.submit(self._store, job, work)
        failed = self._enlarge(job, work)
        return stored.result() or failed

    def _take_alone(self, job: Job, work: Work) -> None:
        """Enlarge a picture in this thread and leave it to the encoder once the one before has left that."""
        if self._sharing:
            self.drain()
            self._worker.stop_sharing()
            self._sharing = False
        if not self._worker.fits(work):
            self.drain()
        stored = self._encoders.submit(self._store, job, work)
        failed = self._enlarge(job, work)
        self.drain()
        if failed is None:
            self._append(stored, work)
        else:
            stored.result()
            self._finish(failed)

    def _finish(self, report: FileReport | None) -> None:
        assert report is not None, "a picture was neither stored nor found to fail"
        if not self._second.holds(report):
            self._summary.add(report)
            self._events.finished(report)

    def _enlarge(self, job: Job, work: Work) -> FileReport | None:
        """Send a picture's rows to the encoder; gives a report where it failed on this side."""
        try:
            self._worker.enlarge(work)
        except Abandoned:
            return None
        except Exception as error:
            return self._failed(job, work, error)
        finally:
            work.close()
        return None

    def _store(self, job: Job, work: Work) -> FileReport | None:
        """Store a picture; gives no report where enlarging it failed."""
        try:
            return self._worker.store(work)
        except Abandoned:
            return None
        except Exception as error:
            return self._failed(job, work, error)
        finally:
            work.rows.abandon()

    def _failed(self, job: Job, work: Work, error: Exception) -> FileReport:
        """The report of a picture that failed.

        Raises:
            Cancelled: it did so only because the run is to end.
        """
        if isinstance(error, Cancelled):
            self._cancel.check()
        report = failed(job.source.name, job.target.name, error, work.seconds()[0])
        report = replace(report, fidelity=worst_of(work.fidelity) if work.fidelity else None)
        self._second.hold(job, work.inspection.identity, job.source.identity(), error, report)
        return report


def _ended(report: FileReport) -> Future[FileReport | None]:
    """A picture that needs no work any more."""
    future: Future[FileReport | None] = Future()
    future.set_result(report)
    return future
