"""Reports of pictures, put back into the order of the run."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from srcli.upscaling.report import FileReport, Summary

if TYPE_CHECKING:
    from srcli.core.events import Events


class Ledger:
    """Tells of pictures in the order of the run, in whatever order and thread they end.

    Args:
        events: hears of them.

    Attributes:
        summary: the counts.
    """

    def __init__(self, events: Events[FileReport]) -> None:
        self._events = events
        self._lock = Lock()
        self._ended: dict[int, FileReport] = {}
        self._next = 0
        self.summary = Summary()

    def tell(self, report: FileReport) -> None:
        """Report what has no place among the pictures."""
        self.summary.add(report)
        self._events.finished(report)

    def progress(self, item: str, unit: str, done: int, total: int) -> None:
        """See :class:`~srcli.core.events.Events`."""
        self._events.progress(item, unit, done, total)

    def is_settled(self, number: int, report: FileReport | None) -> bool:
        """Take the report of a picture, if there is one."""
        if report is not None:
            self.settle(number, report)
        return report is not None

    def settle(self, number: int, report: FileReport) -> None:
        """Take the report of a picture."""
        with self._lock:
            self._ended[number] = report
            while self._next in self._ended:
                self.tell(self._ended.pop(self._next))
                self._next += 1
