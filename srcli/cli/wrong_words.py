"""A command line that can't be understood: what is wrong with it, and what was probably meant."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srcli.core.errors import UsageError
from srcli.core.names import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import typer

_EVERYTHING = "srcli --help lists the commands, srcli COMMAND --help the options"
_NUMBER = re.compile(r"[x*]?(\d+)(?:x|px|%)?")
"""A whole number in the dress that people give it."""
_FAULTS = {
    "float_parsing": "{value!r} is no number",
    "int_parsing": "{value!r} is no whole number",
    "int_from_float": "{value!r} is no whole number",
    "less_than_equal": "{value} is above {le}",
    "greater_than_equal": "{value} is below {ge}",
}
"""What a checker of values calls a fault, in our words."""


def explain(error: typer.TyperException, words: Sequence[str]) -> UsageError:
    """Say what is wrong with a command line.

    Args:
        error: how the parser says it.
        words: the command line, after ``srcli``.

    Returns:
        The error, with the next command to type as its hint.
    """
    fault = _fault(error)
    message = error.format_message()
    if fault:
        message = message.replace(str(getattr(error, "message", "")), fault)
    return UsageError(message, hint=_hint(error, words))


def _fault(error: typer.TyperException) -> str | None:
    """What is wrong with the value of an option; ``None`` where the parser says it well."""
    detail = _detail(error)
    words = _FAULTS.get(detail.get("type", ""))
    return words and words.format(value=detail["input"], **detail.get("ctx", {}))


def _detail(error: typer.TyperException) -> dict[str, Any]:
    """What the checker of a value noted; empty where none did."""
    details = getattr(error.__cause__, "errors", None)
    return details()[0] if details else {}


def _hint(error: typer.TyperException, words: Sequence[str]) -> str:
    context: Any = getattr(error, "ctx", None)
    if context is None or context.parent is None:
        return _hint_at_command(words)
    command = _path(context)
    return (
        _hint_at_usage(error, context, command)
        or _hint_at_number(error, context)
        or f"{command} --help lists its options"
    )


def _hint_at_usage(error: typer.TyperException, context: Any, command: str) -> str | None:  # noqa: ANN401
    """What to do about a word that is missing, or one too many."""
    parameter: Any = getattr(error, "param", None)
    missing = type(error).__name__ == "MissingParameter"
    if missing and parameter is not None and parameter.param_type_name == "option":
        return f"add {parameter.opts[0]} {parameter.metavar or 'VALUE'}"
    if missing or "unexpected extra" in error.format_message():
        pieces = context.command.collect_usage_pieces(context)
        return f"usage: {' '.join([command, *(piece.strip('{}') for piece in pieces)])}"
    return None


def _hint_at_number(error: typer.TyperException, context: Any) -> str | None:  # noqa: ANN401
    """The number that was probably meant: by ``-4``, by ``x2``, by ``800px``."""
    option = getattr(error, "option_name", None) or ""
    if re.fullmatch(r"-\d+", option) and any(each.name == "scale" for each in context.command.params):
        return f"did you mean -s {option[1:]}?"
    typed, parameter = _detail(error), getattr(error, "param", None)
    if parameter is None or not typed.get("type", "").endswith("_parsing"):
        return None
    found = _NUMBER.fullmatch(str(typed["input"]))
    return f"did you mean {parameter.opts[0]} {found[1]}?" if found else None


def _hint_at_command(words: Sequence[str]) -> str:
    """What to do about a word that is no command."""
    first = words[0] if words else ""
    if first == "help":
        return " ".join(["srcli", *words[1:2], "--help"])
    if first and not first.startswith("-") and (Path(first).suffix or Path(first).exists()):
        return f"srcli upscale {shlex.quote(printable(first))}"
    return _EVERYTHING


def _path(context: Any) -> str:  # noqa: ANN401
    """The words that lead to a command."""
    names: list[str] = []
    while context.parent is not None:
        names.insert(0, context.info_name)
        context = context.parent
    return " ".join(["srcli", *names])
