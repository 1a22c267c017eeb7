"""Where generators lie: those that ship with srcli, and the user's own."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

MODELS_VARIABLE = "SRCLI_MODELS"
PACKAGE = Path(__file__).resolve().parent.parent


def shipped_folder() -> Path:
    """Where the shipped generators lie: inside an installed package, or at the top of a checkout."""
    inside = PACKAGE / "weights"
    return inside if inside.is_dir() else PACKAGE.parent / "weights"


def user_folder() -> Path:
    """Where the user's own generators lie; it need not exist.

    ``SRCLI_MODELS`` names it; else it is the place where the platform keeps what belongs to a user and a
    program: on Linux by the XDG Base Directory Specification 0.8, which also says that a relative path in its
    variable is to be ignored.
    """
    chosen = os.environ.get(MODELS_VARIABLE)
    return Path(chosen) if chosen else _data_home() / "srcli" / "models"


def split_stem(stem: str) -> tuple[str, int | None]:
    """Name and scale in the name of a generator's file, ``NAME-xS``; no scale where it has none."""
    match = re.fullmatch(r"(.+)-x(\d{1,2})", stem, re.ASCII)
    return (match[1], int(match[2])) if match else (stem, None)


def _data_home() -> Path:
    home = Path(os.path.expanduser("~"))  # noqa: PTH111  Path.expanduser fails where there is no home
    if sys.platform == "darwin":
        return home / "Library" / "Application Support"
    name, default = (
        ("LOCALAPPDATA", home / "AppData" / "Local")
        if sys.platform == "win32"
        else ("XDG_DATA_HOME", home / ".local" / "share")
    )
    chosen = Path(os.environ.get(name, ""))
    return chosen if chosen.is_absolute() else default
