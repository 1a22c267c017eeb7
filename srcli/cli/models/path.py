"""``srcli models path``: where the user's own generators lie."""

from __future__ import annotations

from srcli.cli.options import DebugOption
from srcli.cli.output import emit


def path(debug: DebugOption = False) -> int:
    """Print the folder of your own generators; SRCLI_MODELS moves it."""
    from srcli.models.folders import user_folder

    emit(f"{user_folder()}\n")
    return 0
