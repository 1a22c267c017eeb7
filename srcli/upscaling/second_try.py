"""Pictures whose files changed while they were read: each is tried once more when the others are done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.core.errors import InputError

if TYPE_CHECKING:
    from srcli.upscaling.file_identity import Identity
    from srcli.upscaling.jobs import Job
    from srcli.upscaling.report import FileReport

NOTE = "its file changed while it was read: it was read once more"


class SecondTries:
    """Holds back the reports of such pictures, up to the second round."""

    def __init__(self) -> None:
        self._jobs: list[Job] = []
        self._held: list[FileReport] = []
        self.is_second_round = False

    def hold(self, job: Job, before: Identity | None, error: Exception, report: FileReport) -> None:
        """Keep a picture for the second round if its file is another than when its reading began.

        Args:
            job: the picture.
            before: its file's identity then; None for what is no file.
            error: how it failed.
            report: what would be told of that.
        """
        if self.is_second_round or before is None or not isinstance(error, InputError):
            return
        # One that is gone would only give another reason.
        if job.source.identity() not in (None, before):
            self._held.append(report)
            self._jobs.append(job)

    def holds(self, report: FileReport) -> bool:
        """Whether a report is not to be told, as its picture gets another try."""
        return any(each is report for each in self._held)

    def begin_second_round(self) -> list[Job]:
        """The pictures to try once more; what fails from now on has failed."""
        self.is_second_round = True
        return self._jobs
