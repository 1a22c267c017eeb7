"""``srcli models remove``: a generator of the user's own goes."""

from __future__ import annotations

from typing import Annotated

import typer

from srcli.cli.completion import complete_generators
from srcli.cli.options import DebugOption
from srcli.cli.output import say


def remove(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            autocompletion=complete_generators,
            help="The exact name of a generator of your own.",
        ),
    ],
    scale: Annotated[
        int | None, typer.Option("-s", "--scale", help="Only the generator at this scale.")
    ] = None,
    debug: DebugOption = False,
) -> int:
    """Delete a generator of your own: its files and its card. Those that ship with srcli stay."""
    from srcli.models.installation import remove_model

    for path in remove_model(name, scale):
        say(f"removed {path}")
    return 0
