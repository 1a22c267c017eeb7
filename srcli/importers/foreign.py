"""Errors of other libraries, cut to a line."""

from __future__ import annotations

from textwrap import shorten

LONGEST = 160
"""Characters of an error that are shown."""


def first_line(error: BaseException) -> str:
    """The first line of an error that says something, or the error's kind where none does, in short."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return shorten(lines[0], LONGEST, placeholder="...") if lines else type(error).__name__
