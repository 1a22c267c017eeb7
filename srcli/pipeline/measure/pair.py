"""One result measured against its reference."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from srcli.core.errors import UsageError
from srcli.core.names import printable
from srcli.core.outcome import Failure, Outcome
from srcli.metrics.protocol import Channel, Protocol, measure
from srcli.metrics.registry import DEFAULT_METRICS, find_metric
from srcli.pipeline.measure.rules import common_depth, common_planes
from srcli.pipeline.measure.still import read_still

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from srcli.core.events import Events
    from srcli.metrics.registry import Measure

_SCALE_IN_NAME = re.compile(r"x(\d+)$")


@dataclass(frozen=True, slots=True)
class MeasureSettings:
    """What to measure and how.

    Attributes:
        metrics: names of metrics, in the order of the output.
        channel: ``y`` or ``rgb``.
        shave: border left out, in pixels; ``None`` takes the scale that the result's name ends with.
        depth: 8 or 16 bits; ``None`` takes 16 where both files have it, else 8.
        networks: metrics that need a network, with it, by name.

    Raises:
        UsageError: one of them makes no sense.
    """

    metrics: tuple[str, ...] = DEFAULT_METRICS
    channel: Channel = "y"
    shave: int | None = 0
    depth: int | None = None
    networks: Mapping[str, Measure] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.metrics:
            find_metric(name)
        if self.depth not in (None, 8, 16):
            raise UsageError(f"a depth of {self.depth} bit is none of 8 and 16")
        Protocol(self.channel, self.shave or 0)


@dataclass(frozen=True, slots=True)
class PairReport(Outcome):
    """How one pair ended: with figures, or a failure. ``size`` is (width, height) in pixels."""

    result: str
    reference: str
    protocol: str | None = None
    size: tuple[int, int] | None = None
    figures: dict[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """JSON-ready values. JSON has no infinity: an infinite PSNR is null, and ``identical`` is true."""
        return {
            "result": self.result,
            "reference": self.reference,
            "protocol": self.protocol,
            "size": self.size,
            **{name: finite_or_none(value) for name, value in self.figures.items()},
            "identical": are_identical(self.figures),
            "warnings": self.warnings,
            **self.failure_to_json(),
        }


def are_identical(figures: Mapping[str, float]) -> bool:
    """Whether figures are those of two equal pictures."""
    return any(map(math.isinf, figures.values())) or figures.get("mse") == 0


def finite_or_none(value: float) -> float | None:
    """A number that JSON can hold."""
    return value if math.isfinite(value) else None


def measure_pair(result: Path, reference: Path, settings: MeasureSettings) -> PairReport:
    """Measure one pair.

    Raises:
        InputError: a file can't be read, or the two can't be compared.
        UsageError: the border is to follow from the name, and the name doesn't tell.
    """
    shave = shave_of(result, settings)
    pair = read_still(result), read_still(reference)
    depth, depth_notes = common_depth(*pair, settings.depth)
    *planes, notes = common_planes(*pair)
    protocol = Protocol(settings.channel, shave, depth)
    height, width = planes[0].shape[:2]
    return PairReport(
        result=pair[0].name,
        reference=pair[1].name,
        protocol=str(protocol),
        size=(width, height),
        figures=measure(planes[0], planes[1], protocol, settings.metrics, settings.networks),
        warnings=(*depth_notes, *notes),
    )


def measure_pairs(
    pairs: Sequence[tuple[Path, Path]], settings: MeasureSettings, events: Events[PairReport]
) -> list[PairReport]:
    """Measure results against references; one that fails is reported and does not end the run."""
    reports = []
    for result, reference in pairs:
        events.started(printable(result))
        reports.append(try_pair(result, reference, settings))
        events.finished(reports[-1])
    return reports


def try_pair(result: Path, reference: Path, settings: MeasureSettings) -> PairReport:
    """Measure one pair; an error becomes part of the report."""
    try:
        return measure_pair(result, reference, settings)
    except Exception as error:
        name = printable(result)
        return PairReport(name, printable(reference), failure=Failure.of(error, name))


def shave_of(result: Path, settings: MeasureSettings) -> int:
    """The border that is left out of a result, in pixels.

    Raises:
        UsageError: it is to follow from the name, and the name doesn't tell.
    """
    return _scale_in(result) if settings.shave is None else settings.shave


def _scale_in(path: Path) -> int:
    match = _SCALE_IN_NAME.search(path.stem)
    if match is None:
        raise UsageError(
            f"the name of {printable(path)} doesn't end with a scale such as _x4",
            hint="give the border in pixels: --shave 4",
        )
    return int(match[1])
