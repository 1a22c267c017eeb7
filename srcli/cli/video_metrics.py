"""How ``srcli metrics`` measures videos, and shows their figures: a table, CSV by frame, or JSON."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from srcli.cli.metrics_report import report_leftovers
from srcli.cli.output import emit, emit_json, report_error, report_failure, stdout, warn
from srcli.cli.progress import BarEvents
from srcli.core.csv_rows import csv_row
from srcli.core.errors import SrcliError, UsageError
from srcli.core.outcome import exit_code_of
from srcli.metrics.registry import find_metric
from srcli.pipeline.measure.summary import summarise, unmet_gates
from srcli.pipeline.video.measure import FLICKER, T_PSNR, VideoPairReport, measure_video_pairs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from srcli.pipeline.measure.pair import MeasureSettings
    from srcli.pipeline.measure.pairs import Pairing


def run_videos(
    pairing: Pairing, settings: MeasureSettings, gates: Mapping[str, float], *, json: bool, csv: bool
) -> int:
    """Measure pairs of videos and print what was found; returns the exit code."""
    if json and csv:
        raise UsageError("--json and --csv both want standard output", hint="choose one")
    if csv:
        emit(csv_row(["result", "reference", "protocol", "frame", *settings.metrics]))
    show = partial(_print_pair, metrics=settings.metrics, json=json, csv=csv)
    with BarEvents(len(pairing.pairs), show, unit="video") as events:
        reports = measure_video_pairs(pairing.pairs, settings, events)
    report_leftovers(pairing)
    summary = summarise(reports)
    if not json and not csv:
        _print_table(reports, settings.metrics)
    elif json and len(reports) > 1:
        statistics = {name: statistic.to_json() for name, statistic in summary.items()}
        measured = sum(not report.error for report in reports)
        emit_json({"summary": statistics, "pairs": len(reports), "measured": measured})
    unmet = unmet_gates(summary, gates)
    for message in unmet:
        report_error(SrcliError(message))
    incomplete = pairing.missing or pairing.extra or unmet
    return exit_code_of(report.exit_code for report in reports) or int(bool(incomplete))


def _print_pair(report: VideoPairReport, *, metrics: Sequence[str], json: bool, csv: bool) -> None:
    if json:
        emit_json(report.to_json())
    if csv:
        for index in range(report.frames):
            figures = [report.per_frame[name][index] for name in metrics]
            emit(csv_row([report.result, report.reference, report.protocol, index, *figures]))
    report_failure(report.failure)
    for warning in report.warnings:
        warn(f"{report.result}: {warning}")


def _print_table(reports: Sequence[VideoPairReport], metrics: Sequence[str]) -> None:
    from rich.markup import escape
    from rich.table import Table

    measured = [report for report in reports if report.figures]
    if not measured:
        return
    table = Table("video", "frames", box=None, pad_edge=False, header_style="bold")
    found = [find_metric(name) for name in metrics]
    labels = [f"{metric.label} {metric.unit}".strip() for metric in found]
    for label in (*labels, f"worst {labels[0]}", "T-PSNR dB", "flicker levels"):
        table.add_column(label, justify="right", no_wrap=True)
    for report in measured:
        index, worst = report.worst(metrics[0])
        table.add_row(
            escape(report.result),
            str(report.frames),
            *(f"{report.figures[metric.name]:.{metric.digits}f}" for metric in found),
            f"{worst:.{found[0].digits}f} (frame {index})",
            f"{report.figures[T_PSNR]:.2f}",
            f"{report.figures[FLICKER]:.3f}",
        )
    stdout().print(table)
    protocols = "; ".join(dict.fromkeys(report.protocol for report in measured if report.protocol))
    stdout().print(f"protocol: {protocols}; means over the frames", style="dim")
