"""Inputs whose files changed while they were read: each is tried once more when the others are done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from srcli.core.errors import InputError

if TYPE_CHECKING:
    from srcli.upscaling.file_identity import Identity

NOTE = "its file changed while it was read: it was read once more"

_Job = TypeVar("_Job")
_Report = TypeVar("_Report")


class SecondTries(Generic[_Job, _Report]):
    """Holds back the reports of such inputs, up to the second round."""

    def __init__(self) -> None:
        self._jobs: list[_Job] = []
        self._held: list[_Report] = []
        self.is_second_round = False

    def hold(
        self, job: _Job, before: Identity | None, now: Identity | None, error: Exception, report: _Report
    ) -> None:
        """Keep an input for the second round if its file is another than when its reading began.

        Args:
            job: the input.
            before: its file's identity then; None for what is no file.
            now: its file's identity since; None where it is gone, and would only give another reason.
            error: how it failed.
            report: what would be told of that.
        """
        if self.is_second_round or before is None or not isinstance(error, InputError):
            return
        if now not in (None, before):
            self._held.append(report)
            self._jobs.append(job)

    def holds(self, report: _Report) -> bool:
        """Whether a report is not to be told, as its input gets another try."""
        return any(each is report for each in self._held)

    def begin_second_round(self) -> list[_Job]:
        """The inputs to try once more; what fails from now on has failed."""
        self.is_second_round = True
        return self._jobs
