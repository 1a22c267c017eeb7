"""Degrade, enlarge, measure: one figure for every picture and method."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.errors import InputError
from srcli.core.events import TILE
from srcli.core.names import printable
from srcli.core.outcome import Failure
from srcli.imaging.degradation.degradation import crop_to_multiple, degrade
from srcli.metrics.protocol import measure
from srcli.pipeline.evaluate.figure import EvaluationSettings, Figure
from srcli.pipeline.evaluate.lows import read_low
from srcli.pipeline.measure.still import read_still
from srcli.pipeline.result_files import result_path, save_result

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from srcli.core.arrays import Planes
    from srcli.core.events import Events, Progress
    from srcli.pipeline.evaluate.ledger import Ledger
    from srcli.upscaling.methods import Method


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
    events: Events[Figure],
) -> list[Figure]:
    """Measure every method on every picture, picture by picture.

    What fails gives a figure with an error and does not end the run. What the ledger holds is not done again;
    what is new is noted there.

    Args:
        pictures: references by name.
        methods: in the order of the table.
        settings: what to measure.
        ledger: what earlier runs have measured.
        events: hear of each picture, once for each method, and of its tiles.
    """
    warm: set[str] = set()
    figures = []
    for name, path in pictures.items():
        known = [_known(name, path, method, settings, ledger) for method in methods]
        case = None if all(known) else _prepare(path, settings)
        for method, found in zip(methods, known, strict=True):
            blank = Figure(printable(name), method.label, method.sha256, settings.scale, settings.made_by)
            events.started(blank.picture)
            progress = partial(events.progress, blank.picture, TILE)
            figure = found or _evaluate_one(blank, case, method, settings, warm, progress)
            if found is None and figure.error is None:
                ledger.note(path, method, settings, figure)
            events.finished(figure)
            figures.append(figure)
    return figures


def _known(
    name: str, path: Path, method: Method, settings: EvaluationSettings, ledger: Ledger
) -> Figure | None:
    """What an earlier run measured, unless its result is to be kept and isn't there."""
    if settings.results and not result_path(settings.results, method.label, printable(name)).is_file():
        return None
    return ledger.find(path, method, settings)


def _prepare(path: Path, settings: EvaluationSettings) -> _Case | Failure:
    """Read a reference, and degrade it or read its small picture, or say why that can't be done."""
    try:
        still = read_still(path)
        if still.alpha is not None:
            raise InputError(
                f"{still.name} is transparent in places", hint="flatten it on a background first"
            )
        reference = crop_to_multiple(still.colour, settings.scale)
        depth = still.info.depth
        if settings.lows is None:
            low = degrade(reference, settings.degrades_by, np.random.default_rng(0), depth=depth)
        else:
            low = read_low(settings.lows[path], reference, settings.scale)
    except Exception as error:
        return Failure.of(error, printable(path))
    return _Case(reference, low, depth)


def _evaluate_one(
    blank: Figure,
    case: _Case | Failure | None,
    method: Method,
    settings: EvaluationSettings,
    warm: set[str],
    progress: Progress,
) -> Figure:
    """Measure one method on one picture, after a warm-up where it is not among the warm ones yet."""
    if not isinstance(case, _Case):
        return dataclasses.replace(blank, failure=case or Failure(f"no picture {blank.picture}"))
    try:
        if method.name not in warm:
            method.warm_up()
            warm.add(method.name)
        return _measure(blank, case, method, settings, progress)
    except Exception as error:
        return dataclasses.replace(blank, failure=Failure.of(error, blank.picture))


def _measure(
    blank: Figure, case: _Case, method: Method, settings: EvaluationSettings, progress: Progress
) -> Figure:
    started_s = time.perf_counter()
    result = method.enlarge(case.low, progress)
    seconds = time.perf_counter() - started_s
    if settings.results:
        save_result(result, result_path(settings.results, method.label, blank.picture), case.depth)
    if result.shape[2] < case.reference.shape[2]:
        result = np.repeat(result, case.reference.shape[2], axis=2)
    protocol = settings.protocol(case.depth)
    height, width = case.reference.shape[:2]
    return dataclasses.replace(
        blank,
        protocol=str(protocol),
        size=(width, height),
        seconds=round(seconds, 4),
        figures=measure(result, case.reference, protocol, settings.metrics, settings.networks),
    )
