"""How runs without an end in sight tell what they do: a line a picture, and no bar."""

from __future__ import annotations

from srcli.cli.output import warn
from srcli.cli.upscale_report import print_report
from srcli.cli.words import source_in_words
from srcli.core.events import Events
from srcli.upscaling.report import FileReport, Status


class LineReporter(Events[FileReport]):
    """Prints warnings before the work on a picture, and a line after it; nothing is kept.

    Pictures that were finished before are told with ``verbose`` or ``tells_skipped`` alone: they may be many.
    """

    def __init__(self, *, json: bool, quiet: bool, verbose: bool, tells_skipped: bool = False) -> None:
        self._json = json
        self._quiet = quiet
        self._verbose = verbose
        self._tells_skipped = tells_skipped or verbose
        self._told: dict[str, list[str]] = {}

    def warning(self, item: str, text: str) -> None:
        """Tell what is lost."""
        self._told.setdefault(item, []).append(text)
        if not self._quiet:
            warn(f"{source_in_words(item)}: {text}")

    def finished(self, outcome: FileReport) -> None:
        """Tell how a picture ended, and of what was noticed on the way."""
        told = self._told.pop(outcome.input, [])
        if outcome.status is Status.SKIPPED and not self._tells_skipped:
            return
        print_report(outcome, told, json=self._json, quiet=self._quiet, verbose=self._verbose)
