"""The use case behind ``srcli watch``: pictures that arrive in a folder, enlarged into another one."""

from __future__ import annotations

import time
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcli.core.cancel import CancelToken
from srcli.core.errors import Cancelled, UsageError
from srcli.core.events import Events
from srcli.core.names import printable
from srcli.imaging.formats import FORMATS, format_from_name
from srcli.pipeline.watch.arrivals import Arrivals
from srcli.pipeline.watch.moving import move_below
from srcli.pipeline.watch.notices import Notices, is_network_folder, told_by_system
from srcli.upscaling.inputs import Input, pictures_in
from srcli.upscaling.jobs import Job
from srcli.upscaling.naming import Naming, name_output
from srcli.upscaling.pages import choose_pages
from srcli.upscaling.pool import GeneratorPool, open_pool
from srcli.upscaling.report import FileReport, Status, Summary
from srcli.upscaling.run import prepare_jobs
from srcli.upscaling.sinks import FileSink
from srcli.upscaling.sources import FileSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from srcli.core.errors import SrcliError
    from srcli.upscaling.settings import UpscaleSettings

MOST_AT_A_TIME = 256
"""Pictures of one round: originals are moved, and new arrivals looked for, after each."""


@dataclass(frozen=True, slots=True)
class WatchedFolder:
    """Which folder is watched, and what becomes of its pictures.

    Attributes:
        folder: where pictures arrive.
        output: where results go; the tree is kept.
        recursive: whether folders below are watched as well.
        move_done: where originals go whose results are there; None leaves them.
        move_failed: where originals go that could not be enlarged; None leaves them.
        poll_s: seconds from one look at the folder to the next; a file that stood still from one to the next
            is whole.
        polls: whether nothing but looking is relied on; None for where the system can't tell of new files.
        idle_s: seconds without work after which watching ends; None for never.

    Raises:
        UsageError: the folder is none, or what is written would arrive in it.
    """

    folder: Path
    output: Path
    recursive: bool = False
    move_done: Path | None = None
    move_failed: Path | None = None
    poll_s: float = 2.0
    polls: bool | None = None
    idle_s: float | None = None

    def __post_init__(self) -> None:
        if not self.folder.is_dir():
            raise UsageError(f"{printable(self.folder)} is no folder", hint="watch takes one folder")
        watched = self.folder.resolve()
        for place in filter(None, (self.output, self.move_done, self.move_failed)):
            where = place.resolve()
            if where == watched or (self.recursive and where.is_relative_to(watched)):
                raise UsageError(
                    f"what is written to {printable(place)} would arrive in {printable(self.folder)} again",
                    hint="choose a folder beside it",
                )


class Watch:
    """Watches a folder until it is asked to stop.

    Args:
        watched: which folder.
        settings: what to do with its pictures; what is finished is never done again.
        events: hears of the pictures.
        tell: takes a sentence about something that keeps the folder from being read, or a picture from being
            moved, and one when that is over.
    """

    def __init__(
        self,
        watched: WatchedFolder,
        settings: UpscaleSettings,
        events: Events[FileReport],
        tell: Callable[[str], None],
    ) -> None:
        self._watched = watched
        self._settings = settings
        self._events = events
        self._tell = tell
        self._cancel = CancelToken()
        self._notices = Notices()
        self._arrivals = Arrivals()
        self._trouble: str | None = None
        extension = FORMATS[format_from_name(settings.format)].extensions[0] if settings.format else None
        self._naming = Naming(str(watched.output), settings.label, extension)
        self.pool: GeneratorPool = open_pool(settings)
        self.polls = is_network_folder(watched.folder) if watched.polls is None else watched.polls

    def stop(self) -> None:
        """Stop: the pictures at work are given up, and done when the folder is watched again.

        May be called from any thread, and from a signal's handler.
        """
        self._cancel.cancel()
        self._notices.wake()

    def run(self) -> Summary:
        """Watch.

        Returns:
            The counts over all pictures.

        Raises:
            MissingExtra: watchdog is not installed, and polling was not asked for.
        """
        watched, summary = self._watched, Summary()
        told = nullcontext() if self.polls else told_by_system(
            watched.folder, self._notices, recursive=watched.recursive
        )  # fmt: skip
        with told:
            closed: set[Path] = set()
            last_work_s = time.monotonic()
            while not self._cancel.is_set():
                if self._look(closed, summary) or self._arrivals.settling:
                    last_work_s = time.monotonic()
                elif watched.idle_s is not None and time.monotonic() - last_work_s >= watched.idle_s:
                    break
                closed = self._notices.wait(watched.poll_s)
        return summary

    def _look(self, closed: set[Path], summary: Summary) -> bool:
        """Enlarge what is whole by now; tells whether there was anything."""
        found = pictures_in(self._watched.folder, recursive=self._watched.recursive)
        self._tell_trouble(found.failures[0][1] if found.failures else None)
        files = [each.source.path for each in found.inputs if each.source.path]
        whole = list(self._arrivals.whole(files, closed))
        for start in range(0, len(whole), MOST_AT_A_TIME):
            if self._cancel.is_set():
                break
            self._enlarge(whole[start : start + MOST_AT_A_TIME], summary)
        return bool(whole)

    def _tell_trouble(self, trouble: SrcliError | None) -> None:
        """Tell once that the folder can't be read, and once that it can again: a share may come back."""
        message = trouble.message if trouble else None
        if message != self._trouble:
            self._tell(message or f"{printable(self._watched.folder)} can be read again")
        self._trouble = message

    def _enlarge(self, files: list[Path], summary: Summary) -> None:
        jobs = list(self._jobs(files))
        collector = _Collector(self._events, summary)
        with suppress(Cancelled):
            prepare_jobs(jobs, self._settings, self.pool, remember=True).start(collector, self._cancel)
        for path in dict.fromkeys(job.source.path for job in jobs if job.source.path):
            self._move(path, collector.status(path))

    def _jobs(self, files: list[Path]) -> Iterator[Job]:
        """The work on files; one whose result would have the name of another's comes after that."""
        inputs = [Input(FileSource(path), self._watched.folder) for path in files]
        targets: dict[Path, Path] = {}
        for each in choose_pages(inputs, self._settings.pages):
            target, source = name_output(each, self._naming, as_folder=True), each.source.path
            if target is None or source is None:
                continue
            if target in targets:
                self._arrivals.wait_for(source)
            else:
                targets[target] = source
                yield Job(each.source, FileSink(target))

    def _move(self, path: Path, status: Status | None) -> None:
        done = status in (Status.DONE, Status.SKIPPED)
        place = self._watched.move_done if done else self._watched.move_failed
        if place is None or status is None:
            return
        try:
            move_below(path, self._watched.folder, place)
        except OSError as error:
            self._tell(f"cannot move {printable(path)} to {printable(place)}: {error.strerror or error}")


class _Collector(Events[FileReport]):
    """Passes events on, and keeps how each file ended; of several pages the worst counts."""

    def __init__(self, events: Events[FileReport], summary: Summary) -> None:
        self._events = events
        self._summary = summary
        self._ended: dict[str, Status] = {}

    def warning(self, item: str, text: str) -> None:
        self._events.warning(item, text)

    def finished(self, outcome: FileReport) -> None:
        self._summary.add(outcome)
        if self._ended.get(outcome.input) is not Status.FAILED:
            self._ended[outcome.input] = outcome.status
        self._events.finished(outcome)

    def status(self, path: Path) -> Status | None:
        return self._ended.get(printable(path))
