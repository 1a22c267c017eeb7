"""Errors of other libraries, cut to a line."""

from __future__ import annotations


def first_line(error: BaseException) -> str:
    """The first line of an error that says something, or the error's kind where none does."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
