"""A generator's card on a terminal and as JSON."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from srcli.cli.output import emit_json, stdout
from srcli.core.precision import BRAIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.core.card import ModelCard, Quality
    from srcli.models.store import InstalledModel
    from srcli.pipeline.inventory import Finding


def emit(findings: list[Finding]) -> None:
    """One JSON object for each generator: its card, its file, and whether it is sound."""
    for finding in findings:
        state = {"ok": finding.problem is None, "problem": finding.problem}
        tests = {"tests": [dataclasses.asdict(test) for test in finding.tests]} if finding.tests else {}
        again = {"measured": [figure.to_json() for figure in finding.figures]} if finding.figures else {}
        emit_json(card_object(finding.model) | state | tests | again | _seams(finding))


def card_object(model: InstalledModel) -> dict[str, object]:
    """A generator's card and file, for JSON."""
    return dataclasses.asdict(model.card) | {"file": str(model.path)}


def print_summary(card: ModelCard) -> None:
    """What was made, in a few lines."""
    far = "the whole picture" if card.whole else "too far to measure"
    reach = far if card.receptive_field is None else f"{card.receptive_field} px"
    half = ", half precision holds" if card.fp16_safe else ""
    least = f", pictures from {card.least_side} px a side" if (card.least_side or 1) > 1 else ""
    stdout().print(
        f"{card.name} x{card.scale}: {card.architecture}, {card.parameters:,} parameters, "
        f"reach {reach}, overlap {card.overlap} px{least}{half}",
        markup=False,
    )
    rows = [("range", f"0..{card.value_range:g}")] if card.value_range is not None else []
    for label, value in (*rows, *provenance_rows(card)):
        stdout().print(f"  {label:<8}{value}", markup=False)


def _seams(finding: Finding) -> dict[str, Any]:
    found = finding.seams
    if found is None:
        return {}
    return {"seams": {"largest_levels": round(found.levels, 3), "mean_levels": round(found.mean, 4)}}


def print_card(finding: Finding) -> None:
    """A generator, a line for each thing that is known, and an empty line."""
    for name, value in (*_card_rows(finding), ("", "")):
        stdout().print(f"{name:<18}{value}".rstrip(), markup=False)


def _card_rows(finding: Finding) -> Iterator[tuple[str, str]]:
    """Names and values of a card."""
    card = finding.model.card
    yield "generator", f"{card.name} x{card.scale}"
    if card.purpose:
        yield "purpose", card.purpose
    yield "architecture", card.architecture
    yield "parameters", f"{card.parameters:,}"
    if card.macs_per_pixel:
        yield "work", f"{card.macs_per_pixel:,} multiply-adds per input pixel"
    yield "receptive field", _reach(card)
    yield "overlap", f"{card.overlap} input pixels{_exactness(card)}"
    if card.least_side is not None and card.least_side > 1:
        yield "least side", f"{card.least_side} input pixels; smaller pictures are mirrored up to that"
    yield "licence", card.licence
    yield from provenance_rows(card)
    if card.training:
        yield "trained on", f"{card.training.data} ({card.training.data_licence})"
        yield "degradation", card.training.degradation
        yield "training", f"{card.training.steps:,} steps, {card.training.loss}, {card.training.hardware}"
        if card.training.started_from:
            yield "started from", card.training.started_from
    for figure in card.quality:
        yield "measured", quality_text(figure)
    yield from _precision_rows(card)
    yield "file", str(finding.model.path)
    yield "sha256", f"{card.sha256} ({finding.problem or 'ok'})"


def _precision_rows(card: ModelCard) -> Iterator[tuple[str, str]]:
    """What else than full precision there is, and what it costs."""
    for precision, variant in card.variants.items():
        loss_db = variant.psnr_loss_db
        costs = "" if loss_db is None else f"; costs {loss_db:.3f} dB on BSD100"
        yield precision, variant.file + costs
    if card.bf16_loss_db:
        costs = ", ".join(f"{loss_db:.3f} dB on {name}" for name, loss_db in card.bf16_loss_db.items())
        yield BRAIN, f"where the device has it; costs {costs}"


def provenance_rows(card: ModelCard) -> Iterator[tuple[str, str]]:
    """Where an imported generator comes from, and how faithfully it was taken over."""
    provenance = card.provenance
    if provenance is None:
        return
    yield "from", f"{provenance.source} ({provenance.form})"
    if provenance.parity_levels is not None and provenance.parity_share is not None:
        parity = _within(provenance.parity_share, provenance.parity_levels)
        yield "parity", f"{parity} from {provenance.runtime}"
    if provenance.seam_levels is not None and provenance.seam_share is not None:
        seams = _within(provenance.seam_share, provenance.seam_levels)
        yield "seams", f"{seams} between a picture in tiles and the whole picture"


def _within(share: float, levels: float) -> str:
    """A difference in a few words."""
    return f"{share:.2%} of values within 1/255, at most {levels:.2f}/255"


def _reach(card: ModelCard) -> str:
    """How far around a pixel the generator looks."""
    if card.whole:
        return "the picture as a whole, which it gets in one window where memory allows"
    if card.receptive_field is None:
        return "unbounded, or too far to be measured"
    return f"{card.receptive_field} input pixels on each side"


def _exactness(card: ModelCard) -> str:
    """What the default overlap means for the picture."""
    exact = card.receptive_field is not None and card.overlap >= card.receptive_field
    return ", tiles equal the whole picture" if exact else ", tiles cross-fade"


def quality_text(figure: Quality) -> str:
    """A measured figure in a few words."""
    worn = "" if figure.degradation == "bicubic" else f" at {figure.degradation}"
    return f"{figure.benchmark}{worn} {figure.psnr_db:.2f} dB, SSIM {figure.ssim:.4f} ({figure.channel})"
