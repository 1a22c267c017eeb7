"""Figures as the tables that papers print: one row per method, means over the pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from srcli.core.csv_rows import csv_row
from srcli.metrics.registry import find_metric
from srcli.pipeline.measure.summary import Statistic, describe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.pipeline.evaluate.figure import Figure
    from srcli.upscaling.methods import Method


@dataclass(frozen=True, slots=True)
class Row:
    """One method over all pictures.

    Attributes:
        method: its label.
        model_sha256: of a generator's file.
        parameters: of a generator.
        pictures: how many were measured.
        failed: how many were not.
        seconds: mean time to enlarge a picture.
        statistics: by metric; empty where nothing was measured.
    """

    method: str
    model_sha256: str | None
    parameters: int | None
    pictures: int
    failed: int
    seconds: float | None
    statistics: dict[str, Statistic]

    def to_json(self) -> dict[str, Any]:
        """JSON-ready values."""
        return {
            "method": self.method,
            "model_sha256": self.model_sha256,
            "parameters": self.parameters,
            "pictures": self.pictures,
            "failed": self.failed,
            "seconds_per_picture": self.seconds,
            **{name: statistic.to_json() for name, statistic in self.statistics.items()},
        }


def make_rows(figures: Sequence[Figure], methods: Sequence[Method], metrics: Sequence[str]) -> list[Row]:
    """Sum up the figures of each method.

    A picture that failed for one method is left out for all of them: means over different pictures can't be
    compared.
    """
    spoilt = {figure.picture for figure in figures if figure.error}
    return [_row(method, figures, spoilt, metrics) for method in methods]


def _row(method: Method, figures: Sequence[Figure], spoilt: set[str], metrics: Sequence[str]) -> Row:
    own = [figure for figure in figures if figure.method == method.label]
    good = [figure for figure in own if figure.picture not in spoilt]
    seconds = [figure.seconds for figure in good if figure.seconds is not None]
    return Row(
        method.label,
        method.sha256,
        method.parameters,
        pictures=len(good),
        failed=sum(figure.error is not None for figure in own),
        seconds=round(float(np.mean(seconds)), 4) if seconds else None,
        statistics={name: describe([figure.figures[name] for figure in good]) for name in metrics if good},
    )


def header(metrics: Sequence[str]) -> list[str]:
    """The titles of a table's columns."""
    labels = [find_metric(name) for name in metrics]
    units = [f"{metric.label} {metric.unit}".strip() for metric in labels]
    return ["method", *units, "s/picture", "parameters"]


def cells(row: Row, metrics: Sequence[str]) -> list[str]:
    """A row as text."""
    figures = [
        f"{row.statistics[name].mean:.{find_metric(name).digits}f}" if name in row.statistics else "-"
        for name in metrics
    ]
    seconds = "-" if row.seconds is None else f"{row.seconds:.3f}"
    return [row.method, *figures, seconds, _thousands(row.parameters)]


def best_in_column(rows: Sequence[Row], metric: str) -> str | None:
    """The method with the best mean of a metric."""
    measured = [row for row in rows if metric in row.statistics]
    if not measured:
        return None
    choose = max if find_metric(metric).higher_is_better else min
    return choose(measured, key=lambda row: row.statistics[metric].mean).method


def to_markdown(rows: Sequence[Row], metrics: Sequence[str], caption: str) -> str:
    """A Markdown table, the best figure of each metric in bold, the caption below."""
    best = {name: best_in_column(rows, name) for name in metrics}
    lines = [header(metrics), ["---", *["---:"] * (len(metrics) + 2)]]
    for row in rows:
        text = cells(row, metrics)
        for column, name in enumerate(metrics, start=1):
            if best[name] == row.method:
                text[column] = f"**{text[column]}**"
        lines.append(text)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines) + f"\n{caption}\n"


def to_csv(figures: Sequence[Figure], metrics: Sequence[str]) -> str:
    """One line per picture and method, figures in full precision."""
    head = ["picture", "method", "scale", "protocol", "width", "height", *metrics, "seconds", "error"]
    lines = [csv_row(head)]
    for figure in figures:
        values = [figure.figures.get(name, "") for name in metrics]
        start = [figure.picture, figure.method, figure.scale, figure.protocol, *(figure.size or ("", ""))]
        lines.append(csv_row([*start, *values, figure.seconds, figure.error]))
    return "".join(lines)


def caption(figures: Sequence[Figure]) -> str:
    """What the figures are about: pictures, degradation and protocol."""
    pictures = len({figure.picture for figure in figures})
    degradations = "; ".join(dict.fromkeys(figure.degradation for figure in figures))
    protocols = "; ".join(dict.fromkeys(figure.protocol for figure in figures if figure.protocol))
    plural = "" if pictures == 1 else "s"
    matlab = " (MATLAB)" if degradations.startswith("bicubic /") else ""
    parts = (f"{pictures} picture{plural}, {degradations}{matlab}", protocols, "means per picture")
    return "; ".join(part for part in parts if part)


def _thousands(count: int | None) -> str:
    return "-" if count is None else f"{count / 1000:.0f} K"
