"""How ``srcli metrics`` shows its figures: a table, CSV, or JSON."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from srcli.cli.output import emit, emit_json, report_error, report_failure, stdout, warn
from srcli.core.csv_rows import csv_row
from srcli.core.errors import SrcliError
from srcli.core.names import printable
from srcli.metrics.registry import find_metric

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from srcli.pipeline.measure.pair import PairReport
    from srcli.pipeline.measure.pairs import Pairing
    from srcli.pipeline.measure.summary import Statistic


class Printer(Protocol):
    """Takes the figures as they come."""

    def pair(self, report: PairReport) -> None:
        """One pair was measured, or failed."""

    def close(self, reports: Sequence[PairReport], summary: dict[str, Statistic]) -> None:
        """All pairs are through."""


class JsonPrinter:
    """One object per pair; after several pairs one more with the summary."""

    def pair(self, report: PairReport) -> None:
        """Print the pair, and problems on stderr as well."""
        emit_json(report.to_json())
        report_problems(report)

    def close(self, reports: Sequence[PairReport], summary: dict[str, Statistic]) -> None:
        """Print the summary of several pairs."""
        if len(reports) > 1:
            statistics = {name: statistic.to_json() for name, statistic in summary.items()}
            measured = sum(not report.error for report in reports)
            protocols = protocols_of(reports)
            emit_json(
                {"summary": statistics, "protocols": protocols, "pairs": len(reports), "measured": measured}
            )


class CsvPrinter:
    """One row per pair, figures in full precision."""

    def __init__(self, metrics: Sequence[str]) -> None:
        self._metrics = metrics
        emit(csv_row(["result", "reference", "protocol", "width", "height", *metrics, "error"]))

    def pair(self, report: PairReport) -> None:
        """Print the row, and problems on stderr."""
        figures = [report.figures.get(name, "") for name in self._metrics]
        size = report.size or ("", "")
        emit(csv_row([report.result, report.reference, report.protocol, *size, *figures, report.error]))
        report_problems(report)

    def close(self, reports: Sequence[PairReport], summary: dict[str, Statistic]) -> None:
        """Nothing more: a summary row would spoil the columns."""


class TablePrinter:
    """A table at the end, with mean, median and interval under several pairs."""

    def __init__(self, metrics: Sequence[str]) -> None:
        self._metrics = [find_metric(name) for name in metrics]

    def pair(self, report: PairReport) -> None:
        """Print problems at once; the figures wait for the table."""
        report_problems(report)

    def close(self, reports: Sequence[PairReport], summary: dict[str, Statistic]) -> None:
        """Print the table."""
        measured = [report for report in reports if report.figures]
        if not measured:
            return
        stdout().print(self._table(measured, summary))
        stdout().print(f"protocol: {'; '.join(protocols_of(measured))}", style="dim")

    def _table(self, measured: Sequence[PairReport], summary: dict[str, Statistic]) -> Table:
        from rich.markup import escape
        from rich.table import Table

        table = Table("picture", box=None, pad_edge=False, header_style="bold")
        for metric in self._metrics:
            table.add_column(f"{metric.label} {metric.unit}".strip(), justify="right", no_wrap=True)
        for name, report in zip(_short_names(measured), measured, strict=True):
            table.add_row(escape(name), *self._cells(report.figures))
        if len(measured) > 1:
            means = {name: statistic.mean for name, statistic in summary.items()}
            medians = {name: statistic.median for name, statistic in summary.items()}
            table.add_section()
            table.add_row(f"mean of {len(measured)}", *self._cells(means), style="bold")
            table.add_row("median", *self._cells(medians))
            table.add_row("95 % interval of the mean", *self._intervals(summary))
        return table

    def _cells(self, figures: dict[str, float]) -> list[str]:
        return [f"{figures[metric.name]:.{metric.digits}f}" for metric in self._metrics]

    def _intervals(self, summary: dict[str, Statistic]) -> list[str]:
        intervals = [(summary[metric.name].interval, metric.digits) for metric in self._metrics]
        return [f"{ends[0]:.{digits}f}..{ends[1]:.{digits}f}" for ends, digits in intervals if ends]


def _short_names(reports: Sequence[PairReport]) -> list[str]:
    """Results without the folder that they share, so that narrow terminals show what differs."""
    common = os.path.commonpath([Path(report.result).parent for report in reports])
    return [os.path.relpath(report.result, common) for report in reports]


def protocols_of(reports: Sequence[PairReport]) -> list[str]:
    """Every protocol that was used, in the order of first use."""
    return list(dict.fromkeys(report.protocol for report in reports if report.protocol))


def report_problems(report: PairReport) -> None:
    """Print a pair's error and warnings on stderr."""
    report_failure(report.failure)
    for warning in report.warnings:
        warn(warning)


def report_leftovers(pairing: Pairing) -> None:
    """Print the names that have no partner on stderr."""
    for path in pairing.missing:
        report_error(SrcliError(f"no result for {printable(path)}"))
    for path in pairing.extra:
        report_error(SrcliError(f"no reference for {printable(path)}"))
