"""What ``--help`` prints: a sentence, examples, then options in groups with their defaults."""

from __future__ import annotations

import inspect
import shutil
import textwrap
from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WIDEST = 100
"""Columns of text that are still read with ease."""
_INDENT = "  "
_GAP = 2
_MOST_NAMES = 34
"""Names of options longer than this stand on a line of their own."""
_PLACEHOLDERS = {"int": "N", "list[int]": "N", "float": "X", "list[float]": "X"}


class Command(TyperCommand):
    """A command with help of ours."""

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401  typer hides click's types
        """Write the help."""
        formatter.write("".join(f"{line}\n" for line in _page(self, ctx)))


class Group(TyperGroup):
    """A command with others below it, and help of ours."""

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401  typer hides click's types
        """Write the help."""
        formatter.write("".join(f"{line}\n" for line in _page(self, ctx)))


def _page(command: Any, ctx: Any) -> Iterator[str]:  # noqa: ANN401
    width = min(WIDEST, shutil.get_terminal_size((WIDEST, 0)).columns)
    yield from _text(command.help or "", width)
    yield usage(command, ctx)
    for title, rows in groups(command, ctx).items():
        yield f"\n{title}:"
        yield from _table(rows, width)


def usage(command: Any, ctx: Any) -> str:  # noqa: ANN401
    """The line that tells which words a command takes."""
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    words = [_names(each) if each.required else f"[{_names(each)}]" for each in arguments]
    if isinstance(command, TyperGroup):
        words.append("COMMAND ...")
    return " ".join(["Usage:", ctx.command_path, "[OPTIONS]", *words])


def _text(help_text: str, width: int) -> Iterator[str]:
    """The paragraphs of a docstring; what follows ``Examples:`` is a list of commands."""
    listing = False
    for paragraph in filter(None, inspect.cleandoc(help_text).split("\n\n")):
        if listing:
            yield f"{_INDENT}{paragraph.strip()}"
            continue
        yield textwrap.fill(" ".join(paragraph.split()), width)
        listing = paragraph.rstrip().endswith((":",))
        if not listing:
            yield ""
    if listing:
        yield ""


def groups(command: Any, ctx: Any) -> dict[str, list[tuple[str, str]]]:  # noqa: ANN401
    """Arguments, commands and options by their title, those without one last."""
    arguments: list[tuple[str, str]] = []
    options: dict[str, list[tuple[str, str]]] = {}
    rest: list[tuple[str, str]] = []
    for parameter in command.get_params(ctx):
        if getattr(parameter, "hidden", False):
            continue
        row = (_names(parameter), _description(parameter, ctx))
        title = getattr(parameter, "rich_help_panel", None)
        if parameter.param_type_name == "argument":
            arguments.append(row)
        elif title:
            options.setdefault(title, []).append(row)
        else:
            rest.append(row)
    found = {"Arguments": arguments, **_commands(command, ctx), **options, "Options": rest}
    return {title: rows for title, rows in found.items() if rows}


def _commands(command: Any, ctx: Any) -> dict[str, list[tuple[str, str]]]:  # noqa: ANN401
    found: dict[str, list[tuple[str, str]]] = {}
    for name in command.list_commands(ctx) if isinstance(command, TyperGroup) else ():
        child = command.get_command(ctx, name)
        title = getattr(child, "rich_help_panel", None) or "Commands"
        summary = " ".join(inspect.cleandoc(child.help or "").partition("\n\n")[0].split())
        found.setdefault(title, []).append((name, summary))
    return found


def _names(parameter: Any) -> str:  # noqa: ANN401
    """How a parameter is written, with what it takes."""
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    short = [name for name in parameter.opts if not name.startswith("--")]
    long = [name for name in parameter.opts if name.startswith("--")]
    names = ", ".join(short + long) if short else f"    {', '.join(long)}"
    return names if parameter.is_flag else f"{names} {_placeholder(parameter)}"


def _placeholder(parameter: Any) -> str:  # noqa: ANN401
    return str(parameter.metavar or _PLACEHOLDERS.get(parameter.bare_type(), "TEXT"))


def _description(parameter: Any, ctx: Any) -> str:  # noqa: ANN401
    """The help of a parameter, with its default and the variable that changes it."""
    text = " ".join((parameter.help or "").replace("`", "").split())
    notes = []
    default = parameter.get_default(ctx)
    if parameter.param_type_name == "option" and not parameter.is_flag and default not in (None, (), [], ""):
        notes.append(f"default: {default:g}" if isinstance(default, float) else f"default: {default}")
    if parameter.param_type_name == "option" and parameter.envvar:
        notes.append(f"or {parameter.envvar}")
    if getattr(parameter, "required", False) and parameter.param_type_name == "option":
        notes.append("required")
    return f"{text} ({'; '.join(notes)})" if notes else text


def _table(rows: Iterable[tuple[str, str]], width: int) -> Iterator[str]:
    """Names on the left, wrapped descriptions beside them."""
    rows = list(rows)
    fitting = [len(name) for name, _ in rows if len(name) <= _MOST_NAMES]
    column = len(_INDENT) + max(fitting, default=_MOST_NAMES) + _GAP
    for name, text in rows:
        lines = textwrap.wrap(text, max(20, width - column)) or [""]
        first = f"{_INDENT}{name}"
        if len(name) > _MOST_NAMES:
            yield first
            first = ""
        yield f"{first:<{column}}{lines[0]}".rstrip()
        yield from (f"{'':<{column}}{line}" for line in lines[1:])
