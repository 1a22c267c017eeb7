"""Degrade, enlarge, measure: one figure for every picture and method."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from srcli.core.errors import InputError, SrcliError, UsageError
from srcli.core.names import printable
from srcli.core.progress import Progress, silent
from srcli.metrics.protocol import Channel, Protocol, measure
from srcli.metrics.registry import find_metric
from srcli.pipeline.degrade.degradation import Degradation, crop_to_multiple, degrade
from srcli.pipeline.measure.pair import finite_or_none
from srcli.pipeline.measure.still import read_still

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from srcli.core.arrays import Planes
    from srcli.pipeline.evaluate.ledger import Ledger
    from srcli.pipeline.evaluate.methods import Method


@dataclass(frozen=True, slots=True)
class EvaluationSettings:
    """What is measured.

    Attributes:
        scale: whole factor, 2 or more.
        metrics: names of metrics.
        channel: ``y`` or ``rgb``.
        shave: border left out, in pixels; ``None`` for the scale, as papers do.
        precision: of the generators' arithmetic.
    """

    scale: int
    metrics: tuple[str, ...] = ("psnr", "ssim")
    channel: Channel = "y"
    shave: int | None = None
    precision: str = "fp32"

    def __post_init__(self) -> None:
        if self.scale < 2:
            raise UsageError(f"cannot evaluate at x{self.scale}", hint="choose -s 2, -s 3 or -s 4")
        for name in self.metrics:
            find_metric(name)
        self.protocol(8)

    @property
    def degradation(self) -> Degradation:
        """MATLAB's bicubic, which papers degrade with."""
        return Degradation(self.scale)

    def protocol(self, depth: int) -> Protocol:
        """The protocol for references of a depth in bits."""
        return Protocol(self.channel, self.scale if self.shave is None else self.shave, depth)


@dataclass(frozen=True, slots=True)
class Figure:
    """What one method made of one picture; ``seconds`` are those of enlarging alone.

    ``size`` is (width, height) of the reference as it was measured, in pixels.
    """

    picture: str
    method: str
    model_sha256: str | None
    scale: int
    degradation: str
    protocol: str | None = None
    size: tuple[int, int] | None = None
    seconds: float | None = None
    figures: dict[str, float] = field(default_factory=dict)
    error: str | None = None
    hint: str | None = None

    def to_json(self) -> dict[str, Any]:
        """JSON-ready values; an infinite figure is null."""
        values = dataclasses.asdict(self)
        figures = values.pop("figures")
        return values | {name: finite_or_none(value) for name, value in figures.items()}


@dataclass(frozen=True, slots=True)
class _Case:
    """A reference and its low-resolution picture, both (height, width, channels) float32, 0..1."""

    reference: Planes
    low: Planes
    depth: int


def evaluate(
    pictures: Mapping[str, Path],
    methods: Sequence[Method],
    settings: EvaluationSettings,
    ledger: Ledger,
    progress: Progress = silent,
) -> Iterator[Figure]:
    """Measure every method on every picture, picture by picture.

    What fails gives a figure with an error and does not end the run. What the ledger holds is not done again;
    what is new is noted there.

    Args:
        pictures: references by name.
        methods: in the order of the table.
        settings: what to measure.
        ledger: what earlier runs have measured.
        progress: told of each tile.
    """
    warm: set[str] = set()
    for name, path in pictures.items():
        known = [ledger.find(path, method, settings) for method in methods]
        case = None if all(known) else _prepare(path, settings)
        for method, found in zip(methods, known, strict=True):
            if found is None and method.name not in warm and isinstance(case, _Case):
                warm.add(method.name)
                method.warm_up()
            figure = found or _evaluate_one(printable(name), case, method, settings, progress)
            if found is None and figure.error is None:
                ledger.note(path, method, settings, figure)
            yield figure


def _prepare(path: Path, settings: EvaluationSettings) -> _Case | SrcliError:
    """Read and degrade a reference, or say why that can't be done."""
    try:
        still = read_still(path)
        if still.alpha is not None:
            raise InputError(
                f"{still.name} is transparent in places", hint="flatten it on a background first"
            )
        reference = crop_to_multiple(still.colour, settings.scale)
    except SrcliError as error:
        return error
    depth = still.info.depth
    low = degrade(reference, settings.degradation, np.random.default_rng(0), depth=depth)
    return _Case(reference, low, depth)


def _evaluate_one(
    name: str,
    case: _Case | SrcliError | None,
    method: Method,
    settings: EvaluationSettings,
    progress: Progress,
) -> Figure:
    blank = Figure(name, method.label, method.sha256, settings.scale, str(settings.degradation))
    try:
        if not isinstance(case, _Case):
            raise case or InputError(f"no picture {name}")
        return _measure(blank, case, method, settings, progress)
    except SrcliError as error:
        return dataclasses.replace(blank, error=error.message, hint=error.hint)


def _measure(
    blank: Figure, case: _Case, method: Method, settings: EvaluationSettings, progress: Progress
) -> Figure:
    started_s = time.perf_counter()
    result = method.enlarge(case.low, progress)
    seconds = time.perf_counter() - started_s
    protocol = settings.protocol(case.depth)
    height, width = case.reference.shape[:2]
    return dataclasses.replace(
        blank,
        protocol=str(protocol),
        size=(width, height),
        seconds=round(seconds, 4),
        figures=measure(result, case.reference, protocol, settings.metrics),
    )
