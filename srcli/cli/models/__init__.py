"""``srcli models``: the installed generators, one module per command."""

from __future__ import annotations

import typer

from srcli.cli.help import Command, Group
from srcli.cli.models.blend import blend
from srcli.cli.models.find import find
from srcli.cli.models.import_ import import_command
from srcli.cli.models.info import info
from srcli.cli.models.list import list_installed
from srcli.cli.models.path import path
from srcli.cli.models.remove import remove
from srcli.cli.models.verify import verify

models_app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    help="The installed generators, and your own: list, verify, find, import, blend, remove.",
)
models_app.command("list", cls=Command)(list_installed)
models_app.command(cls=Command)(info)
models_app.command(cls=Command)(verify)
models_app.command(cls=Command)(find)
models_app.command("import", cls=Command)(import_command)
models_app.command(cls=Command)(blend)
models_app.command(cls=Command)(remove)
models_app.command(cls=Command)(path)
