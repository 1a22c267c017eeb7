"""The scores of a study as an SVG: a point and its interval for each method, best first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.pipeline.svg import document, line, text

if TYPE_CHECKING:
    from srcli.pipeline.opinion.score import MethodScore, StudyScore

_WIDTH, _ROW, _TOP, _BOTTOM, _LEFT, _RIGHT = 640, 34, 64, 40, 150, 70
_GRADES = (1.0, 5.0)
_COLOUR = "#0b62c4"
_RADIUS = 5


def draw_scores(outcome: StudyScore) -> str:
    """Draw all methods below one another.

    Returns:
        An SVG document.
    """
    rating = outcome.question == "rate"
    low, high = _GRADES if rating else _extent(outcome)
    bottom = _TOP + _ROW * len(outcome.methods)
    title = "Mean opinion scores" if rating else "Strengths from pairs, in Elo points"
    raters = f"{len(outcome.raters)} rater{'s' * (len(outcome.raters) != 1)}, intervals of 95 %"
    parts = [text(14, 24, title, size=15, weight=600), text(14, 42, raters, fill="#555")]
    for mark in _marks(low, high):
        x = _across(mark, low, high)
        parts.append(line((x, _TOP - 8), (x, bottom), "#ddd"))
        parts.append(text(x, bottom + 18, f"{mark:g}", anchor="middle", fill="#555"))
    for index, method in enumerate(outcome.methods):
        parts += _draw_method(method, _TOP + _ROW * (index + 0.5), low, high, digits=2 if rating else 0)
    return document(_WIDTH, bottom + _BOTTOM, parts)


def _draw_method(method: MethodScore, y: float, low: float, high: float, *, digits: int) -> list[str]:
    x = _across(method.score, low, high)
    parts = [text(_LEFT - 14, y + 4, method.method, anchor="end", weight=600)]
    if method.interval:
        ends = [_across(min(max(end, low), high), low, high) for end in method.interval]
        parts.append(line((ends[0], y), (ends[1], y), _COLOUR))
        parts += [line((end, y - 5), (end, y + 5), _COLOUR) for end in ends]
    parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_RADIUS}" fill="{_COLOUR}"/>')
    parts.append(text(_WIDTH - 12, y + 4, f"{method.score:.{digits}f}", anchor="end"))
    return parts


def _across(value: float, low: float, high: float) -> float:
    return _LEFT + (value - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT)


def _extent(outcome: StudyScore) -> tuple[float, float]:
    values = [value for method in outcome.methods for value in (method.score, *(method.interval or ()))]
    step = 100.0
    return (min(values) // step) * step, -(-max(values) // step) * step + step * (min(values) == max(values))


def _marks(low: float, high: float) -> list[float]:
    count = 4
    return [low + (high - low) * index / count for index in range(count + 1)]
