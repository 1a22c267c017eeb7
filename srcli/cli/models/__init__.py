"""``srcli models``: the installed generators, one module per command."""

from __future__ import annotations

import typer

from srcli.cli.models.blend import blend
from srcli.cli.models.import_ import import_command
from srcli.cli.models.info import info
from srcli.cli.models.list import list_installed
from srcli.cli.models.path import path
from srcli.cli.models.remove import remove
from srcli.cli.models.verify import verify

models_app = typer.Typer(
    no_args_is_help=True, help="The installed generators, and your own: list, verify, import, blend, remove."
)
models_app.command("list")(list_installed)
models_app.command()(info)
models_app.command()(verify)
models_app.command("import")(import_command)
models_app.command()(blend)
models_app.command()(remove)
models_app.command()(path)
