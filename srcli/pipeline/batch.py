"""Many pictures: while one is enlarged the next is decoded, and its own rows and the one before are encoded.

At most one picture waits on either side, so memory is bounded by three pictures however many there are.
"""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

from srcli.core.progress import Progress, silent
from srcli.pipeline.channel import Abandoned
from srcli.pipeline.report import FileReport, Summary, failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.pipeline.jobs import Job
    from srcli.pipeline.work import Work
    from srcli.pipeline.worker import Worker


class Listener(Protocol):
    """Whoever wants to hear how a batch goes on; always called from the thread that runs the batch."""

    @property
    def tiles(self) -> Progress:
        """Told of each tile of the picture at hand."""

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
    with ThreadPoolExecutor(1, "decode") as decoder, ThreadPoolExecutor(1, "encode") as encoder:
        line = _Line(worker, listener, summary, encoder)
        upcoming = decoder.submit(_load, worker, jobs[0])
        for index, job in enumerate(jobs):
            loaded = upcoming.result()
            if index + 1 < len(jobs):
                upcoming = decoder.submit(_load, worker, jobs[index + 1])
            line.take(job, loaded)
            # Drop this reference, or the picture would stay in memory while the next is waited for.
            del loaded
        line.drain()
    return summary


def _load(worker: Worker, job: Job) -> Work | FileReport:
    started_s = time.perf_counter()
    try:
        return worker.load(job)
    except Exception as error:
        return failure(job.source_name, job.target_name, error, time.perf_counter() - started_s)


class _Line:
    """The part of the line after decoding; holds the one picture that is being encoded."""

    def __init__(
        self, worker: Worker, listener: Listener, summary: Summary, encoder: ThreadPoolExecutor
    ) -> None:
        self._worker = worker
        self._listener = listener
        self._summary = summary
        self._encoder = encoder
        self._pending: Future[FileReport | None] | None = None

    def take(self, job: Job, loaded: Work | FileReport) -> None:
        """Enlarge a picture and hand it to the encoder once the one before has left it."""
        if isinstance(loaded, FileReport):
            self.drain()
            self._finish(loaded)
            return
        try:
            self._take(job, loaded)
        finally:
            loaded.close()

    def _take(self, job: Job, work: Work) -> None:
        if work.is_animation:
            # Its frames run through the generator as they are encoded: all of it belongs to this thread.
            self.drain()
            self._finish(_store(self._worker, work, job, self._listener.tiles))
            return
        if not self._worker.fits(work):
            self.drain()
        stored = self._encoder.submit(_store, self._worker, work, job, silent)
        failed = self._enlarge(job, work)
        self.drain()
        if failed is None:
            self._pending = stored
        else:
            stored.result()
            self._finish(failed)

    def _enlarge(self, job: Job, work: Work) -> FileReport | None:
        """Send a picture's rows to the encoder; gives a report where it failed on this side."""
        try:
            self._worker.enlarge(work, self._listener.tiles)
        except Abandoned:
            return None
        except Exception as error:
            return failure(job.source_name, job.target_name, error, time.perf_counter() - work.started_s)
        finally:
            work.close()
        return None

    def drain(self) -> None:
        """Wait for the picture in the encoder."""
        if self._pending is not None:
            pending, self._pending = self._pending, None
            self._finish(pending.result())

    def _finish(self, report: FileReport | None) -> None:
        assert report is not None, "a picture was neither stored nor found to fail"
        self._summary.add(report)
        self._listener.finished(report)


def _store(worker: Worker, work: Work, job: Job, progress: Progress) -> FileReport | None:
    """Store a picture; gives no report where enlarging it failed."""
    try:
        return worker.store(work, progress)
    except Abandoned:
        return None
    except Exception as error:
        return failure(job.source_name, job.target_name, error, time.perf_counter() - work.started_s)
    finally:
        work.rows.abandon()
