"""How ``srcli upscale`` tells what it does: lines, bars, the summary, and the plan of a dry run."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from srcli.cli.output import emit_json, hint, report_failure, say, say_left_out, stdout, warn
from srcli.cli.progress import Bars
from srcli.cli.words import size_in_words, source_in_words, weight_in_words
from srcli.core.events import Events
from srcli.upscaling.fidelity.figures import LIMIT
from srcli.upscaling.report import FileReport, Status, Summary
from srcli.upscaling.run import PlannedFile, Run, plan_run
from srcli.upscaling.sources import STREAM

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from srcli.pipeline.budget import Budget

SHORT_WAIT_S = 0.1
_WORK = ("upscale", "restore")
"""Of what a plan does with a picture, that which makes one."""


class Reporter(Events[FileReport]):
    """Listens to a run; prints warnings before the work, a line per picture, and the summary at the end.

    A run that is interrupted tells what was done until then.
    """

    def __init__(
        self,
        run: Run,
        *,
        json: bool,
        quiet: bool,
        verbose: bool,
        budget: Budget | None = None,
        on_cluster: bool = False,
    ) -> None:
        self._budget = budget if budget and budget.per_picture else None
        self._json = json
        self._quiet = quiet
        self._verbose = verbose
        self.wants_hints = not quiet and not json
        self._told: dict[str, list[str]] = {}
        self._many = len(run.jobs) + len(run.failures) > 1
        self._summary = Summary()
        self._started_s = time.monotonic()
        device = run.pool.device
        asked = verbose or run.settings.device != "auto" or device.surprising
        if not quiet and not json and run.pool.hashes and asked and not on_cluster:
            say(f"{device.name}: {device.reason}")
        if not quiet:
            say_left_out(run.left_out)
        self._bars = Bars(len(run.jobs) + len(run.failures), shown=not quiet)

    def __enter__(self) -> Reporter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.__exit__(kind, error, trace)
        if self._many and not self._quiet:
            say_summary(self._summary, self._started_s)

    def progress(self, item: str, unit: str, done: int, total: int) -> None:
        """Move the bar of the pictures at hand."""
        self._bars.progress(item, unit, done, total)

    def warning(self, item: str, text: str) -> None:
        """Tell what is lost, before the work on a picture."""
        if self._quiet:
            return
        self._told.setdefault(item, []).append(text)
        with self._bars.paused():
            warn(f"{source_in_words(item)}: {text}")

    def hint(self, item: str, text: str) -> None:
        """Tell what would suit a picture better, once in a run."""
        self.wants_hints = False
        with self._bars.paused():
            hint(text)

    def aside(self, text: str) -> None:
        """Tell what concerns no single picture."""
        if not self._quiet:
            with self._bars.paused():
                warn(text)

    def finished(self, outcome: FileReport) -> None:
        """Take note of a picture that ended."""
        report = outcome
        missed = (
            self._budget.missed(report.seconds) if self._budget and report.status is Status.DONE else None
        )
        if missed:
            report = replace(report, warnings=(*report.warnings, missed))
        self._summary.add(report)
        told = self._told.pop(report.input, ())
        with self._bars.paused():
            print_report(report, told, json=self._json, quiet=self._quiet, verbose=self._verbose)
        self._bars.file_done(report.input)


def print_report(report: FileReport, told: Sequence[str], *, json: bool, quiet: bool, verbose: bool) -> None:
    """Print how a picture ended, and its warnings but those that were told before."""
    if json:
        emit_json(report.to_json())
    if report.status is Status.FAILED:
        report_failure(report.failure)
    elif not quiet and not json:
        say(details(report) if verbose else line(report))
    if not quiet:
        for warning in dict.fromkeys(report.warnings):
            if warning not in told:
                warn(f"{source_in_words(report.input)}: {warning}")


def say_summary(summary: Summary, started_s: float) -> None:
    """Print the counts of a run and what it took since a time of ``time.monotonic``."""
    counts = f"{summary.done} done, {summary.skipped} skipped, {len(summary.failures)} failed"
    say(f"{counts} in {time.monotonic() - started_s:.1f} s")


def line(report: FileReport) -> str:
    """What was made, how large it is, and how long it took."""
    if report.status is Status.SKIPPED:
        return f"{report.output}: finished before, skipped"
    name = "standard output" if report.output == STREAM else report.output
    weight = f", {weight_in_words(report.output_bytes)}" if report.output_bytes is not None else ""
    size = size_in_words(report.output_size)
    return f"{name}: {size} pixels{weight}, in {report.seconds:.1f} s{_fidelity(report)}"


def details(report: FileReport) -> str:
    """The same, and how it was made."""
    if report.status is Status.SKIPPED:
        return line(report)
    size = size_in_words(report.output_size)
    where = (
        f", {report.provider} {report.precision}, tile {size_in_words(report.tile)}"
        if report.provider
        else ""
    )
    where += f", ensemble of {report.ensemble}" if (report.ensemble or 1) > 1 else ""
    weight = f", {weight_in_words(report.output_bytes)}" if report.output_bytes is not None else ""
    waited = f", waited {report.waiting_seconds:.2f} s" if report.waiting_seconds >= SHORT_WAIT_S else ""
    model = f"{report.model}{_reason(report)}"
    return (
        f"{report.output}: {size}{weight}, {model}{where}{_seams(report)}{_fidelity(report)}, "
        f"{report.seconds:.2f} s{waited}"
    )


def _reason(report: FileReport) -> str:
    return f" (the picture {report.model_reason})" if report.model_reason else ""


def _seams(report: FileReport) -> str:
    found = report.seams
    if found is None:
        return ""
    if not found.places:
        return ", one tile without seams"
    return f", seams of at most {found.largest_levels:.2f} levels (mean {found.mean_levels:.4f})"


def _fidelity(report: FileReport) -> str:
    found = report.fidelity
    if found is None:
        return ""
    text = f", fidelity {found.psnr_db:.2f} dB, colour change {found.mean_change:.2f} "
    text += f"(largest {found.largest_change:.2f}, {found.beyond_share:.1%} of pixels beyond {LIMIT:g})"
    if found.corrected_levels:
        mean, largest = found.corrected_levels
        text += f", corrected by {mean:.2f} levels (largest {largest:.2f})"
    return text


def print_plan(run: Run) -> list[int]:
    """Print the plan of a run as a table on stdout.

    Returns:
        The exit codes of the pictures in it, 0 for those that would work.
    """
    from rich.table import Table

    table = Table(
        "input", "size", "output", "size", "model", "memory", "disk", "time", box=None, pad_edge=False
    )
    planned = list(plan_run(run))
    for file in planned:
        table.add_row(*_plan_row(file))
    stdout().print(table)
    ready = [file for file in planned if file.action in _WORK]
    disk, seconds = sum(file.disk_bytes or 0 for file in ready), sum(file.seconds or 0.0 for file in ready)
    verb = "restore" if run.settings.target.keep else "upscale"
    stdout().print(
        f"{len(ready)} of {len(planned)} to {verb} on {run.pool.device.name} ({run.pool.device.reason}): "
        f"about {weight_in_words(disk)} on disk, {seconds:.0f} s"
    )
    say_left_out(run.left_out)
    for file in planned:
        _print_problems(file)
    hint(next((file.advice for file in planned if file.advice), None))
    return [file.exit_code for file in planned]


def _plan_row(file: PlannedFile) -> tuple[str, ...]:
    from rich.markup import escape

    if file.action not in _WORK:
        return (escape(file.input), "", escape(file.output), "", file.action, "", "", "")
    return (
        escape(file.input),
        size_in_words(file.input_size),
        escape(file.output),
        f"{size_in_words(file.output_size)} {file.format}",
        (file.model or "") + (f", {file.ensemble} times" if (file.ensemble or 1) > 1 else ""),
        weight_in_words(file.memory_bytes or 0),
        weight_in_words(file.disk_bytes or 0),
        f"{file.seconds:.1f} s",
    )


def _print_problems(file: PlannedFile) -> None:
    report_failure(file.failure)
    for warning in file.warnings:
        warn(f"{source_in_words(file.input)}: {warning}")
