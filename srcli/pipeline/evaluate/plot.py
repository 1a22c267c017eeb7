"""Quality against cost as an SVG: one point per method, up and to the left is better."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcli.metrics.registry import find_metric
from srcli.pipeline.svg import document, line, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.pipeline.evaluate.tables import Row

_WIDTH, _HEIGHT = 760, 480
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 120, 50, 60
_LINE_HEIGHT = 15
_TICKS = 6
_GENERATOR, _INTERPOLATION = "#0b62c4", "#8a8f98"


@dataclass(frozen=True, slots=True)
class _Scale:
    """Maps values, linear or logarithmic, to pixels."""

    low: float
    high: float
    start: float
    stop: float

    def at(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.stop - self.start)


def draw_plot(rows: Sequence[Row], metric: str, caption: str) -> str:
    """Draw the mean of a metric against the mean seconds per picture, these on a logarithmic axis.

    Args:
        rows: methods; those that were not measured, or are infinite, are left out.
        metric: name of a metric.
        caption: a line under the title.

    Returns:
        An SVG document.
    """
    shown = [row for row in rows if _is_drawable(row, metric)]
    label = find_metric(metric)
    parts = [
        text(_LEFT, 22, f"{label.label} against time", size=15, weight=600),
        text(_LEFT, 39, caption, fill="#555"),
        *(_draw_points(shown, metric) if shown else [text(_LEFT, 90, "nothing was measured")]),
        text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 16, "seconds per picture", anchor="middle"),
        text(_LEFT - 8, _TOP + 6, label.unit, anchor="end", fill="#555"),
    ]
    return document(_WIDTH, _HEIGHT, parts)


def _is_drawable(row: Row, metric: str) -> bool:
    return bool(row.seconds) and metric in row.statistics and math.isfinite(row.statistics[metric].mean)


def _draw_points(rows: Sequence[Row], metric: str) -> list[str]:
    costs = [math.log10(row.seconds or 1) for row in rows]
    figures = [row.statistics[metric].mean for row in rows]
    across = _Scale(*_padded(costs, 0.1), _LEFT, _WIDTH - _RIGHT)
    up = _Scale(*_padded(figures, 0.08), _HEIGHT - _BOTTOM, _TOP + 16)
    parts = [*_time_axis(across), *_figure_axis(up, find_metric(metric).digits)]
    label_heights = _spread([up.at(figure) for figure in figures])
    for row, cost, figure, label_y in zip(rows, costs, figures, label_heights, strict=True):
        x, y = across.at(cost), up.at(figure)
        colour = _GENERATOR if row.model_sha256 else _INTERPOLATION
        if abs(label_y - y) > 1:
            parts.append(line((x, y), (x + 9, label_y), colour))
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colour}"/>')
        parts.append(text(x + 11, label_y + 4, row.method, fill=colour, weight=600))
    return parts


def _padded(values: Sequence[float], share: float) -> tuple[float, float]:
    """The range of values with a margin on both sides, never empty."""
    margin = (max(values) - min(values)) * share or 0.5
    return min(values) - margin, max(values) + margin


def _spread(heights: Sequence[float]) -> list[float]:
    """Push labels down until none lies on the one above."""
    placed: dict[int, float] = {}
    floor = -math.inf
    for index in sorted(range(len(heights)), key=heights.__getitem__):
        floor = max(heights[index], floor + _LINE_HEIGHT)
        placed[index] = floor
    return [placed[index] for index in range(len(heights))]


def _time_axis(across: _Scale) -> list[str]:
    bottom = _HEIGHT - _BOTTOM
    parts = [line((_LEFT, bottom), (_WIDTH - _RIGHT, bottom), "#222")]
    for power in range(math.floor(across.low), math.ceil(across.high) + 1):
        for step in (1, 2, 5):
            value = power + math.log10(step)
            if across.low <= value <= across.high:
                x = across.at(value)
                parts.append(line((x, _TOP + 16), (x, bottom), "#eee"))
                parts.append(text(x, bottom + 17, f"{step * 10.0**power:g}", anchor="middle", fill="#555"))
    return parts


def _figure_axis(up: _Scale, digits: int) -> list[str]:
    parts = [line((_LEFT, _TOP + 16), (_LEFT, _HEIGHT - _BOTTOM), "#222")]
    for value in _round_values(up.low, up.high):
        y = up.at(value)
        parts.append(line((_LEFT, y), (_WIDTH - _RIGHT, y), "#eee"))
        parts.append(text(_LEFT - 8, y + 4, f"{value:.{digits}f}", anchor="end", fill="#555"))
    return parts


def _round_values(low: float, high: float) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten between two values, at most ``_TICKS``."""
    power = 10.0 ** math.floor(math.log10((high - low) / _TICKS))
    step = next(
        power * factor for factor in (1, 2, 5, 10, 20) if (high - low) / (power * factor) <= _TICKS - 1
    )
    return [step * index for index in range(math.ceil(low / step), math.floor(high / step) + 1)]
