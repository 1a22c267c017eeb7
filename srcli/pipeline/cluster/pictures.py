"""One picture of a run as a task for the workers of a cluster, and what becomes of their answer here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from srcli.core.errors import InputError, UsageError
from srcli.core.names import printable
from srcli.core.reasons import why
from srcli.pipeline.cluster.orders import Enlarged, PictureOrder
from srcli.upscaling.file_identity import Identity, identify
from srcli.upscaling.outputs import AlreadyMade, Outputs, skipped
from srcli.upscaling.report import FileReport, Status, failed
from srcli.upscaling.sinks import FileSink
from srcli.upscaling.sources import FileSource

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from srcli.pipeline.cluster.orders import Answer
    from srcli.pipeline.cluster.places import Place
    from srcli.upscaling.jobs import Job

LOST_REPORT = "the worker that made it was lost before it could tell more"


def check_is_file(job: Job) -> None:
    """See that a picture can go to other machines.

    Raises:
        UsageError: it comes from a stream or goes to one.
    """
    if not isinstance(job.source, FileSource) or not isinstance(job.target, FileSink):
        raise UsageError("--cluster is for files, not for streams", hint="leave --cluster out")


class PictureTask:
    """A picture file.

    Args:
        job: the picture.
        outputs: where finished pictures go.
        recalled: the same with what this run finished remembered.
        place: what tells whether a machine sees the output's folder.
        report: takes how it ended.
    """

    goes_alone = False

    def __init__(
        self,
        job: Job,
        outputs: Outputs,
        recalled: Outputs,
        place: Place | None,
        report: Callable[[FileReport], None],
    ) -> None:
        check_is_file(job)
        self._job = job
        self._outputs = outputs
        self._recalled = recalled
        self._place = place
        self._report = report
        self._identity: Identity | None = None
        self._again = False
        self._source = _path(job.source.path).absolute()
        self._target = _path(job.target.path).absolute()

    @property
    def name(self) -> str:
        """As the command line has it."""
        return self._job.source.name

    @property
    def folder(self) -> Path:
        """Where the input lies."""
        return self._source.parent

    def order(self, key: int, *, with_data: bool, again: bool) -> PictureOrder | None:
        """See :class:`~srcli.pipeline.cluster.dispatch.Task`."""
        self._again = again
        if again and self._recalled.check(self._job):
            self._report(self._made_before_loss())
            return None
        try:
            self._identity = identify(self._source)
            data = self._source.read_bytes() if with_data else None
        except OSError as error:
            raise InputError(f"cannot read {self.name}: {why(error)}") from error
        return PictureOrder(
            key,
            self.name,
            self._source,
            self._job.source.page,
            self._identity,
            self._target,
            self._job.target.promised is not None,
            self._place,
            again,
            data,
        )

    def take(self, answer: Answer) -> None:
        """Write what came back as bytes, and report."""
        assert isinstance(answer, Enlarged), "a picture is answered by its report"
        report = self._renamed(answer.report)
        if report.status is Status.DONE and answer.data is not None:
            report = self._store(report, answer.data)
        if report.status is Status.SKIPPED and self._again:
            report = self._made_before_loss()
        self._report(report)

    def fail(self, error: Exception) -> None:
        """See :class:`~srcli.pipeline.cluster.dispatch.Task`."""
        self._report(failed(self.name, self._job.target.name, error))

    def _store(self, report: FileReport, data: bytes) -> FileReport:
        try:
            with self._outputs.making(self._job, self._identity, _path(self._job.target.path)) as temporary:
                temporary.write_bytes(data)
        except AlreadyMade:
            return skipped(self._job)
        except Exception as error:
            return failed(self.name, self._job.target.name, error, report.seconds)
        return replace(report, output_bytes=len(data))

    def _renamed(self, report: FileReport) -> FileReport:
        """The report with the names that the command line has, instead of the worker's."""
        failure = report.failure
        if failure:
            for theirs, ours in (
                (printable(self._source), self.name),
                (printable(self._target), self._job.target.name),
            ):
                failure = replace(failure, message=failure.message.replace(theirs, ours))
        return replace(report, input=self.name, output=self._job.target.name, failure=failure)

    def _made_before_loss(self) -> FileReport:
        target = _path(self._job.target.path)
        return FileReport(
            self.name,
            self._job.target.name,
            Status.DONE,
            output_bytes=target.stat().st_size,
            warnings=(LOST_REPORT,),
        )


def _path(path: Path | None) -> Path:
    assert path is not None, "checked to be a file"
    return path
