"""``srcli evaluate --classifier`` and ``--ocr``: what a machine recognises in results and in originals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.core.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from srcli.engine.sessions.classifier import Normalisation
    from srcli.pipeline.recovery.recovery import RecoveryOutcome
    from srcli.upscaling.methods import Method


def evaluate_recovery(
    hr: Path,
    labels: Path | None,
    classifier: Path,
    size: int | None,
    normalisation: str | None,
    methods: list[Method],
    *,
    threads: int | None,
    json: bool,
) -> int:
    """Measure and print recovery scores."""
    from srcli.cli.output import emit_json
    from srcli.cli.progress import BarEvents
    from srcli.core.geometry import Size
    from srcli.core.outcome import Outcome
    from srcli.engine.sessions.classifier import Classifier
    from srcli.pipeline.recovery.labels import labelled_pictures
    from srcli.pipeline.recovery.recovery import measure_recovery

    feeding = _parse(normalisation)
    network = Classifier(classifier, Size(size, size) if size else None, threads)
    pictures, classes = labelled_pictures(hr, labels)
    with BarEvents[Outcome](len(pictures)) as events:
        outcome = measure_recovery(pictures, classes, methods, network, feeding, events)
    if json:
        emit_json(outcome.to_json())
    else:
        _print(outcome)
    return 0


def evaluate_reading(pictures: dict[str, Path], methods: list[Method], language: str, *, json: bool) -> int:
    """Measure and print character error rates."""
    from rich.table import Table

    from srcli.cli.output import emit_json, stdout
    from srcli.cli.progress import BarEvents
    from srcli.core.outcome import Outcome
    from srcli.pipeline.recovery.reading import measure_reading

    with BarEvents[Outcome](len(pictures)) as events:
        outcome = measure_reading(pictures, methods, language, events)
    if json:
        emit_json(outcome.to_json())
        return 0
    table = Table("pictures", box=None, pad_edge=False, header_style="bold")
    for title in ("read right", "CER"):
        table.add_column(title, justify="right", no_wrap=True)
    for kind in outcome.kinds:
        table.add_row(kind.kind, f"{kind.right:.1%}", f"{kind.cer:.4f}")
    stdout().print(table)
    plural = "s" * (outcome.pictures != 1)
    about = f"{outcome.pictures} picture{plural}, {outcome.characters} characters ({outcome.language})"
    stdout().print(f"{about}, x{outcome.scale}, bicubic (MATLAB)", style="dim")
    return 0


def _parse(words: str | None) -> Normalisation | None:
    """``RANGE``, or ``RANGE;MEAN;DEVIATION`` with one or three numbers each."""
    from srcli.engine.sessions.classifier import Normalisation

    if words is None:
        return None
    try:
        value_range, *rest = [[float(number) for number in part.split(",")] for part in words.split(";")]
        (white,) = value_range
        mean, deviation = rest or ([0.0], [1.0])
        return Normalisation(white, _three(mean), _three(deviation))
    except ValueError as error:
        raise UsageError(
            f"cannot understand --classifier-input '{words}'",
            hint="write RANGE or RANGE;MEAN;DEVIATION, such as '1;0.485,0.456,0.406;0.229,0.224,0.225'",
        ) from error


def _three(values: list[float]) -> tuple[float, float, float]:
    if len(values) == 1:
        values = values * 3
    red, green, blue = values
    return red, green, blue


def _print(outcome: RecoveryOutcome) -> None:
    from rich.table import Table

    from srcli.cli.output import stdout

    table = Table("pictures", box=None, pad_edge=False, header_style="bold")
    many = any(kind.top_5 is not None for kind in outcome.kinds)
    for title in ("top-1", *(["top-5"] if many else []), "recovery", "95 %"):
        table.add_column(title, justify="right", no_wrap=True)
    for kind in outcome.kinds:
        top_5 = [f"{kind.top_5:.4f}" if kind.top_5 is not None else "-"] if many else []
        score = "-" if kind.score is None else f"{kind.score:.3f}"
        span = " to ".join(f"{end:.3f}" for end in kind.interval) if kind.interval else "-"
        table.add_row(kind.kind, f"{kind.top_1:.4f}", *top_5, score, span)
    stdout().print(table)
    about = f"{outcome.pictures} pictures of {outcome.classes} classes, x{outcome.scale}, bicubic (MATLAB)"
    stdout().print(f"{about}; input {outcome.normalisation}", style="dim")
