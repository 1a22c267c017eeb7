"""Where a command's words go: data to stdout, everything else to stderr."""

from __future__ import annotations

import json
import sys
from functools import cache
from typing import TYPE_CHECKING

from srcli.core.errors import SrcliError
from srcli.core.names import escaped

if TYPE_CHECKING:
    from rich.console import Console

    from srcli.core.outcome import Failure


PIPE_WIDTH = 160

_tracebacks = False


def show_tracebacks(wanted: bool) -> bool:
    """Remember whether internal errors are shown with their traceback."""
    global _tracebacks
    _tracebacks = wanted
    return wanted


def report_traceback(text: str) -> None:
    """Print a traceback, where the user asked for it."""
    if _tracebacks and text:
        say(text)


@cache
def stdout() -> Console:
    """The console for data; made on first use because rich is slow to import."""
    from srcli.cli.console import SafeConsole

    # A file or a pipe has no width; one that most tables fit into keeps them from being cut.
    on_terminal = sys.stdout.isatty()
    return SafeConsole(soft_wrap=not on_terminal, width=None if on_terminal else PIPE_WIDTH)


@cache
def stderr() -> Console:
    """The console for messages."""
    from srcli.cli.console import SafeConsole

    return SafeConsole(stderr=True, soft_wrap=True)


def emit_json(value: object) -> None:
    """Print one JSON value on one line of stdout. Infinity and NaN are not JSON: pass ``None`` for them.

    Raises:
        OutputError: standard output is closed or full.
    """
    emit(json.dumps(value, ensure_ascii=True, allow_nan=False) + "\n")


def emit(text: str) -> None:
    """Write text to stdout at once, control characters escaped.

    Raises:
        OutputError: standard output is closed or full.
    """
    sys.stdout.write(escaped(text, keep="\n"))
    sys.stdout.flush()


def say(message: str) -> None:
    """Print a line on stderr as it stands."""
    stderr().print(message, markup=False)


def warn(message: str) -> None:
    """Print a warning on stderr."""
    _labelled("warning", "yellow", message)


def hint(message: str | None) -> None:
    """Print a hint on stderr, if there is one."""
    if message:
        _labelled("hint", "cyan", message)


def say_left_out(left_out: str | None) -> None:
    """Tell what was seen in folders and not taken, if anything was."""
    if left_out:
        say(f"left out: {left_out}")


def report_failure(failure: Failure | None, prefix: str = "") -> None:
    """Print a failure, if there is one, and its hint on stderr; the traceback of a bug where it is wanted."""
    if failure is not None:
        report_error(SrcliError(f"{prefix}{failure.message}", failure.hint))
        report_traceback(failure.traceback or "")


def report_error(error: SrcliError) -> None:
    """Print an error and its hint on stderr."""
    _labelled("error", "bold red", error.message)
    hint(error.hint)


def _labelled(label: str, style: str, message: str) -> None:
    from rich.text import Text

    # On one line, whatever it quotes.
    stderr().print(Text.assemble((f"{label}: ", style), escaped(message)))
