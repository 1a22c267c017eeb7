"""``srcli models list``: which generators are installed."""

from __future__ import annotations

from itertools import compress
from textwrap import shorten
from typing import TYPE_CHECKING, Literal

from srcli.cli.models.card import emit, quality_text
from srcli.cli.options import DebugOption, JsonOption
from srcli.cli.output import stdout, warn

if TYPE_CHECKING:
    from srcli.pipeline.inventory import Finding

WIDE = 240
"""Columns of a table that no terminal shows."""
NARROW = 110
"""Columns of a terminal below which the table leaves out what `srcli models info` shows."""
LEFT_OUT = frozenset({"parameters", "licence", "from"})
HEADINGS = ("name", "scale", "parameters", "reach", "licence", "from", "measured", "sha256")

SHORT = 40
"""Characters of a generator's data sets that the table shows."""


def list_installed(json: JsonOption = False, debug: DebugOption = False) -> int:
    """List the installed generators."""
    from srcli.pipeline.inventory import list_models

    inventory = list_models()
    for card in inventory.broken:
        warn(f"left out: {card.error.message}")
    if json:
        emit(inventory.findings)
    else:
        _print_table(inventory.findings)
        _print_purposes(inventory.findings)
    return 0


def _print_table(findings: list[Finding]) -> None:
    """The generators, a row each."""
    from rich.table import Table
    from rich.text import Text

    # Without a terminal there is no width to keep to, and a wrapped row is hard to read by a program.
    width = None if stdout().is_terminal else WIDE
    kept = [
        heading not in LEFT_OUT or not stdout().is_terminal or stdout().width >= NARROW
        for heading in HEADINGS
    ]
    table = Table(box=None, pad_edge=False)
    for heading in compress(HEADINGS, kept):
        justify: Literal["left", "right"] = "right" if heading in ("parameters", "reach") else "left"
        table.add_column(heading, justify=justify, no_wrap=heading not in ("from", "measured"))
    for finding in findings:
        table.add_row(*map(Text, compress(_table_row(finding), kept)))
    stdout().print(table, width=width)


def _print_purposes(findings: list[Finding]) -> None:
    """What each generator is for, by its card; one row for all scales that share it."""
    from rich.table import Table
    from rich.text import Text

    cards = [finding.model.card for finding in findings]
    rows = dict.fromkeys((card.name, card.purpose) for card in cards if card.purpose)
    if not rows:
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("name", no_wrap=True)
    table.add_column("what for")
    for row in rows:
        table.add_row(*map(Text, row))
    stdout().print()
    stdout().print(table, width=None if stdout().is_terminal else WIDE)


def _table_row(finding: Finding) -> tuple[str, ...]:
    """What the table says of a generator."""
    card = finding.model.card
    return (
        card.name,
        f"x{card.scale}",
        f"{card.parameters:,}",
        "wide" if card.receptive_field is None else f"{card.receptive_field} px",
        card.licence,
        _origin(finding),
        quality_text(card.quality[0]) if card.quality else "not measured",
        "ok" if finding.problem is None else "damaged",
    )


def _origin(finding: Finding) -> str:
    """What a generator was trained on or imported from; `info` shows all of it, which fills a paragraph."""
    card = finding.model.card
    if card.training is not None:
        return shorten(card.training.data, SHORT, placeholder="...")
    return shorten(card.provenance.source, SHORT, placeholder="...") if card.provenance else "unknown"
