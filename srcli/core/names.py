"""File names as text that can be printed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def printable(path: str | Path) -> str:
    r"""The name of a file on one line that any terminal and any JSON reader accepts.

    A file name is a string of bytes: what is not UTF-8 appears as ``\xff``, control characters as ``\n``.
    """
    return escaped(os.fsencode(path).decode("utf-8", "backslashreplace"))


def escaped(text: str, keep: str = "") -> str:
    r"""Text from a file or a person that can't steer a terminal: control characters appear as ``\x1b``.

    Args:
        text: any text.
        keep: control characters that are let through.
    """
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable() or character in keep
        else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def is_hidden(path: Path) -> bool:
    """Whether a file or folder is hidden by the custom of Unix: its own name begins with a dot."""
    return path.name.startswith(".")
