"""Many pairs in a few numbers, and the gates that scripts set on them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from srcli.metrics.registry import find_metric
from srcli.pipeline.measure.pair import finite_or_none

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_RESAMPLES = 2000
_LEVEL = 0.95
_SEED = 0


@dataclass(frozen=True, slots=True)
class Statistic:
    """One metric over several pictures.

    Attributes:
        mean: the plain mean over the pictures, as papers print it (of PSNR: the mean of the decibels).
        median: the middle picture.
        interval: 95 % bootstrap interval of the mean; ``None`` for a single picture.
    """

    mean: float
    median: float
    interval: tuple[float, float] | None

    def to_json(self) -> dict[str, Any]:
        """JSON-ready values; what is infinite is null."""
        interval = self.interval and [finite_or_none(value) for value in self.interval]
        return {
            "mean": finite_or_none(self.mean),
            "median": finite_or_none(self.median),
            "interval_95": interval,
        }


class Measured(Protocol):
    """What has figures by metric; none where it could not be measured."""

    @property
    def figures(self) -> dict[str, float]:
        """By name."""


def summarise(reports: Sequence[Measured]) -> dict[str, Statistic]:
    """Statistics by metric over the pairs that were measured; empty where none was."""
    measured = [report.figures for report in reports if report.figures]
    if not measured:
        return {}
    return {name: describe([figures[name] for figures in measured]) for name in measured[0]}


def describe(values: Sequence[float]) -> Statistic:
    """Mean, median and the interval of the mean of at least one value."""
    # inverted_cdf never interpolates: between two infinities there is no number.
    median = float(np.quantile(values, 0.5, method="inverted_cdf" if math.inf in values else "linear"))
    return Statistic(float(np.mean(values)), median, bootstrap_interval(values) if len(values) > 1 else None)


def bootstrap_interval(values: Sequence[float]) -> tuple[float, float]:
    """The percentile bootstrap interval of the mean at 95 %, the same on every run.

    Source: Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7(1), 1979.
    """
    array = np.asarray(values, dtype=np.float64)
    rng = np.random.default_rng(_SEED)
    means = [array[rng.integers(array.size, size=array.size)].mean() for _ in range(_RESAMPLES)]
    tail = (1 - _LEVEL) / 2
    low, high = np.quantile(means, [tail, 1 - tail], method="inverted_cdf")
    return float(low), float(high)


def unmet_gates(summary: Mapping[str, Statistic], minima: Mapping[str, float]) -> list[str]:
    """What falls short of its minimum, in words.

    Args:
        summary: statistics by metric; the mean counts.
        minima: the least mean by metric.
    """
    return [
        f"mean {find_metric(name).label} {summary[name].mean:.4f} is below {minimum:g}"
        for name, minimum in minima.items()
        if name in summary and not summary[name].mean >= minimum
    ]
