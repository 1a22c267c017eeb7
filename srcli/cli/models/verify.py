"""``srcli models verify``: whether the generators are sound."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from srcli.cli.completion import complete_generators
from srcli.cli.models.card import emit
from srcli.cli.options import DebugOption, JsonOption
from srcli.cli.output import emit_json, stdout

if TYPE_CHECKING:
    from srcli.pipeline.inventory import Finding, Inventory

DAMAGED = 4
"""Exit code where a generator is not sound, that of the errors about generators."""


def verify(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", autocompletion=complete_generators, help="By default all generators."),
    ] = None,
    benchmarks: Annotated[
        Path | None,
        typer.Option(
            "--benchmarks",
            metavar="FOLDER",
            help="Measure the cards' figures again on Set5, Set14 and BSD100 in this folder.",
        ),
    ] = None,
    seams: Annotated[
        bool,
        typer.Option(
            "--seams", help="Measure how far a picture in tiles is from the whole, in levels of 255."
        ),
    ] = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> int:
    """Check the files of generators against their cards, and run a tile of each on every device.

    Exits with 4 where one is damaged, computes something else, or is not as good as its card says.
    """
    from srcli.pipeline.inventory import verify_models

    inventory = verify_models(name, benchmarks=benchmarks, seams=seams)
    if json:
        _emit(inventory)
    else:
        _print(inventory, seams=seams)
    return 0 if inventory.sound else DAMAGED


def _emit(inventory: Inventory) -> None:
    emit(inventory.findings)
    for card in inventory.broken:
        emit_json({"card": str(card.path), "ok": False, "problem": card.error.message})


def _print(inventory: Inventory, *, seams: bool) -> None:
    for finding in inventory.findings:
        card = finding.model.card
        stdout().print(f"{card.name} x{card.scale}: {finding.problem or 'ok'}{_tests(finding)}", markup=False)
        if seams:
            stdout().print(f"  {_seams(finding)}", markup=False)
        for figure in finding.figures:
            stdout().print(f"  {figure}", markup=False)
    for broken in inventory.broken:
        stdout().print(f"{broken.path.name}: {broken.error.message}", markup=False)


def _seams(finding: Finding) -> str:
    found = finding.seams
    if found is None:
        return "seams: not measured, as there is no whole picture to compare with"
    return f"seams: at most {found.levels:.2f} levels of 255, {found.mean:.4f} in the mean"


def _tests(finding: Finding) -> str:
    """The devices that were tested, and how far they are off."""
    levels = ", ".join(f"{test.device} {test.difference_levels:.2f}/255" for test in finding.tests)
    return f" ({levels})" if levels else ""
