"""Where generators lie: those that ship with srcli, and the user's own."""

from __future__ import annotations

import os
import re
from pathlib import Path

from platformdirs import user_data_path

MODELS_VARIABLE = "SRCLI_MODELS"
PACKAGE = Path(__file__).resolve().parent.parent


def shipped_folder() -> Path:
    """Where the shipped generators lie: inside an installed package, or at the top of a checkout."""
    inside = PACKAGE / "weights"
    return inside if inside.is_dir() else PACKAGE.parent / "weights"


def user_folder() -> Path:
    """Where the user's own generators lie; it need not exist.

    ``SRCLI_MODELS`` names it; else it lies where the platform keeps what belongs to a user and a program.
    """
    chosen = os.environ.get(MODELS_VARIABLE)
    return Path(chosen) if chosen else user_data_path("srcli", appauthor=False) / "models"


def split_stem(stem: str) -> tuple[str, int | None]:
    """Name and scale in the name of a generator's file, ``NAME-xS``; no scale where it has none."""
    match = re.fullmatch(r"(.+)-x(\d{1,2})", stem, re.ASCII)
    return (match[1], int(match[2])) if match else (stem, None)
