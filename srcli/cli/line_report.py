"""How runs without an end in sight tell what they do: a line a picture, and no bar."""

from __future__ import annotations

from srcli.cli.output import emit_json, report_failure, say, warn
from srcli.cli.upscale_report import details, line
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
            warn(f"{item}: {text}")

    def finished(self, outcome: FileReport) -> None:
        """Tell how a picture ended, and of what was noticed on the way."""
        told = self._told.pop(outcome.input, [])
        if outcome.status is Status.SKIPPED and not self._tells_skipped:
            return
        if self._json:
            emit_json(outcome.to_json())
        if outcome.status is Status.FAILED:
            report_failure(outcome.failure)
        elif not self._quiet and not self._json:
            say(details(outcome) if self._verbose else line(outcome))
        for text in outcome.warnings:
            if text not in told:
                self.warning(outcome.input, text)
        self._told.pop(outcome.input, None)
