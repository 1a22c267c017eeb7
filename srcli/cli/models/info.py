"""``srcli models info``: all that is known about a generator."""

from __future__ import annotations

from typing import Annotated

import typer

from srcli.cli.completion import complete_generators
from srcli.cli.models.card import emit, print_card
from srcli.cli.options import DebugOption, JsonOption


def info(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", autocompletion=complete_generators, help="A generator's name from the list."
        ),
    ],
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
        emit(findings)
    else:
        for finding in findings:
            print_card(finding)
    return 0
