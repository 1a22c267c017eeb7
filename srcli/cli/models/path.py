"""``srcli models path``: where the user's own generators lie."""

from __future__ import annotations

from srcli.cli.options import DebugOption


def path(debug: DebugOption = False) -> int:
    """Print the folder of your own generators; SRCLI_MODELS moves it."""
    import typer

    from srcli.models.folders import user_folder

    typer.echo(user_folder())
    return 0
