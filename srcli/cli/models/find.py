"""``srcli models find``: networks that other people publish, and how to get them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from srcli.cli.models.list import WIDE
from srcli.cli.options import DebugOption, JsonOption
from srcli.cli.output import emit_json, say, stdout

if TYPE_CHECKING:
    from srcli.models.catalogue import Known


def find(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[WORD]...", help="Words that a network's row has to hold, such as anime or x2."
        ),
    ] = None,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> int:
    """Find networks that other people publish: what for, how good, how much work, and how to import them.

    Nothing is fetched: the list is a part of srcli, and the commands that it shows are for you to run.

    Examples:

        srcli models find

        srcli models find anime x2
    """
    from srcli.core.errors import UnknownModel
    from srcli.models.catalogue import find_known

    wanted = tuple(words or ())
    found = find_known(wanted)
    if not found:
        raise UnknownModel(
            f"no network in the list has all of: {' '.join(wanted)}", hint="srcli models find shows all"
        )
    if json:
        for known in found:
            emit_json(_object(known))
        return 0
    _print_table(found)
    say("PSNR on Set5 (luma, bicubic), as srcli evaluate measures it; work in multiply-adds per output pixel")
    for package in dict.fromkeys(known.package for known in found):
        fetch, take = next(known.commands for known in found if known.package == package)
        say(f"{fetch} && {take}")
    return 0


def _object(known: Known) -> dict[str, object]:
    """A network, for JSON."""
    import dataclasses

    return {**dataclasses.asdict(known), "commands": list(known.commands)}


def _print_table(found: tuple[Known, ...]) -> None:
    """The networks, a row each."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for heading in ("name", "scale", "purpose", "PSNR", "work", "licence", "from"):
        table.add_column(heading, justify="right" if heading in ("PSNR", "work") else "left")
    for known in found:
        row = (
            known.name,
            f"x{known.scale}",
            known.purpose,
            f"{known.psnr_db:.2f} dB",
            f"{known.macs:,}",
            known.licence,
            known.package,
        )
        table.add_row(*map(Text, row))
    stdout().print(table, width=None if stdout().is_terminal else WIDE)
