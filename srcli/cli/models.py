"""``srcli models``: which generators are installed, what they are, and whether they are sound."""

from __future__ import annotations

import dataclasses
from textwrap import shorten
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from srcli.cli.options import DebugOption, JsonOption
from srcli.cli.output import emit_json, stdout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.core.card import ModelCard, Quality
    from srcli.pipeline.inventory import Finding

_DAMAGED = 4
"""Exit code where a generator is not sound, that of the errors about generators."""

WIDE = 240
"""Columns of a table that no terminal shows."""

SHORT = 40
"""Characters of a generator's data sets that the table shows."""

models_app = typer.Typer(no_args_is_help=True, help="The installed generators: list, info, verify.")


@models_app.command("list")
def list_command(json: JsonOption = False, debug: DebugOption = False) -> int:
    """List the installed generators."""
    from srcli.pipeline.inventory import list_models

    findings = list_models()
    if json:
        _emit(findings)
    else:
        _print_table(findings)
    return 0


@models_app.command("info")
def info_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A generator's name from the list.")],
    scale: Annotated[
        int | None, typer.Option("-s", "--scale", help="Only the generator at this scale.")
    ] = None,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> int:
    """Show all that is known about a generator."""
    from srcli.pipeline.inventory import describe_models

    findings = describe_models(name, scale)
    if json:
        _emit(findings)
    else:
        for finding in findings:
            _print_card(finding)
    return 0


@models_app.command("verify")
def verify_command(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="By default all generators.")] = None,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> int:
    """Check the files of generators against their cards, load them, and run a tile of each.

    Exits with 4 where one is damaged.
    """
    from srcli.pipeline.inventory import verify_models

    findings = verify_models(name)
    if json:
        _emit(findings)
    else:
        for finding in findings:
            card = finding.model.card
            stdout().print(f"{card.name} x{card.scale}: {finding.problem or 'ok'}", markup=False)
    return _DAMAGED if any(finding.problem for finding in findings) else 0


def _emit(findings: list[Finding]) -> None:
    """One JSON object for each generator: its card, its file, and whether it is sound."""
    for finding in findings:
        card = dataclasses.asdict(finding.model.card)
        state = {"file": str(finding.model.path), "ok": finding.problem is None, "problem": finding.problem}
        emit_json(card | state)


def _print_table(findings: list[Finding]) -> None:
    """The generators, a row each."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for heading in ("name", "scale", "parameters", "reach", "licence", "trained on", "measured", "sha256"):
        justify: Literal["left", "right"] = "right" if heading in ("parameters", "reach") else "left"
        table.add_column(heading, justify=justify, no_wrap=heading not in ("trained on", "measured"))
    for finding in findings:
        table.add_row(*map(Text, _table_row(finding)))
    # Without a terminal there is no width to keep to, and a wrapped row is hard to read by a program.
    stdout().print(table, width=None if stdout().is_terminal else WIDE)


def _table_row(finding: Finding) -> tuple[str, ...]:
    """What the table says of a generator."""
    card = finding.model.card
    return (
        card.name,
        f"x{card.scale}",
        f"{card.parameters:,}",
        f"{card.receptive_field} px",
        card.licence,
        # The data sets of a generator fill a paragraph, which `info` shows whole.
        shorten(card.training.data, SHORT, placeholder="...") if card.training else "unknown",
        _quality(card.quality[0]) if card.quality else "not measured",
        "ok" if finding.problem is None else "damaged",
    )


def _print_card(finding: Finding) -> None:
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
    yield "work", f"{card.macs_per_pixel:,} multiply-adds per input pixel"
    yield "receptive field", f"{card.receptive_field} input pixels on each side"
    yield "overlap", f"{card.overlap} input pixels{_exactness(card)}"
    yield "licence", card.licence
    if card.training:
        yield "trained on", f"{card.training.data} ({card.training.data_licence})"
        yield "degradation", card.training.degradation
        yield "training", f"{card.training.steps:,} steps, {card.training.loss}, {card.training.hardware}"
    for figure in card.quality:
        yield "measured", _quality(figure)
    for precision, variant in card.variants.items():
        yield precision, variant.file
    yield "file", str(finding.model.path)
    yield "sha256", f"{card.sha256} ({finding.problem or 'ok'})"


def _exactness(card: ModelCard) -> str:
    """What the default overlap means for the picture."""
    return ", tiles equal the whole picture" if card.overlap >= card.receptive_field else ""


def _quality(figure: Quality) -> str:
    """A measured figure in a few words."""
    return f"{figure.benchmark} {figure.psnr_db:.2f} dB, SSIM {figure.ssim:.4f} ({figure.channel})"
