"""The use case behind ``srcli upscale --cluster``: a run whose pictures are enlarged by other machines.

Inputs are found, outputs named, finished pictures skipped and reports told as on one machine. A worker that
sees the files does all the rest there; to one that does not, they go as bytes, and come back as such.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from srcli.pipeline.cluster.dispatch import Dispatcher
from srcli.pipeline.cluster.ledger import Ledger
from srcli.pipeline.cluster.pictures import PictureTask, check_is_file
from srcli.pipeline.cluster.places import marked, place_of
from srcli.pipeline.cluster.spread import LargePictures, Spread, is_worth_spreading
from srcli.upscaling.outputs import Outputs, remove_remains
from srcli.upscaling.report import FileReport, Summary, failed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from srcli.core.cancel import CancelToken
    from srcli.core.events import Events
    from srcli.pipeline.cluster.machines import Cluster
    from srcli.pipeline.cluster.places import Place
    from srcli.upscaling.jobs import Job
    from srcli.upscaling.run import Run


class ClusterRun:
    """A run over the machines of a cluster.

    Args:
        run: what is to be done, planned on this machine.
        connect: gives the cluster once there is work for it.
        tell: told of machines that come and go, in sentences.
        side_by_side: small pictures that a worker enlarges at a time.

    Raises:
        UsageError: a picture comes from a stream or goes to one.
    """

    def __init__(
        self,
        run: Run,
        connect: Callable[[], Cluster],
        tell: Callable[[str], None],
        *,
        side_by_side: int = 1,
    ) -> None:
        for job in run.jobs:
            check_is_file(job)
        self._run = run
        self._connect = connect
        self._tell = tell
        self._side_by_side = side_by_side

    def start(self, events: Events[FileReport], cancel: CancelToken | None = None) -> Summary:
        """Do the work; see :meth:`srcli.upscaling.run.Run.start`.

        Raises:
            MachineError: there is no cluster, or none of its machines can do the work.
            Cancelled: the run was cancelled.
        """
        run = self._run
        remove_remains(run.jobs)
        ledger = Ledger(events)
        for report in run.failures:
            ledger.tell(report)
        todo = [
            (number, job)
            for number, job in enumerate(run.jobs)
            if not ledger.is_settled(number, self._finished_before(job))
        ]
        try:
            if todo:
                self._have_done(todo, ledger, cancel)
        finally:
            # What a worker that was ended had under way.
            remove_remains(run.jobs)
        return ledger.summary

    def _finished_before(self, job: Job) -> FileReport | None:
        """The report of a picture that needs no work, or whose output may not be replaced."""
        try:
            return self._run.worker.outputs.check(job)
        except Exception as error:
            return failed(job.source.name, job.target.name, error)

    def _have_done(self, todo: list[tuple[int, Job]], ledger: Ledger, cancel: CancelToken | None) -> None:
        outputs = (path.absolute() for _, job in todo if (path := job.target.path))
        with closing(self._connect()) as cluster, marked(outputs) as places:
            dispatcher = Dispatcher(cluster, self._tell, side_by_side=self._side_by_side)
            large = self._large(todo, cluster)
            others = [each for each in todo if each not in large]
            spread = Spread(dispatcher.add, lambda: dispatcher.workers)
            with LargePictures(large, self._run, spread, ledger.settle, ledger.progress) as joined:
                tasks = self._tasks(others, ledger, places)
                dispatcher.run(tasks, len(others), cancel, joined.is_busy)

    def _large(self, todo: list[tuple[int, Job]], cluster: Cluster) -> list[tuple[int, Job]]:
        """The pictures to share out by rows: large ones, where some workers would have nothing else to do."""
        if len(todo) >= cluster.size:
            return []
        return [(number, job) for number, job in todo if is_worth_spreading(job, self._run.worker)]

    def _tasks(
        self, todo: list[tuple[int, Job]], ledger: Ledger, places: Mapping[Path, Place]
    ) -> Iterator[PictureTask]:
        run = self._run
        outputs = run.worker.outputs
        settings = replace(run.settings, resume=True)
        recalled = Outputs(settings, settings.fingerprint(run.pool.hashes), remember=outputs.remembers)
        for number, job in todo:
            assert job.target.path is not None, "checked to be a file"
            place = place_of(job.target.path.absolute(), places)
            yield PictureTask(job, outputs, recalled, place, partial(ledger.settle, number))
