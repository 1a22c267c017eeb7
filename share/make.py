"""Writes the manual pages and the completions that packages install, from the commands themselves.

    python share/make.py

``tests/test_share.py`` sees that what lies here is what this would write.
"""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typer._completion_shared import get_completion_script
from typer.core import TyperGroup
from typer.main import get_command

from srcli.cli.app import app
from srcli.cli.help import groups, usage
from srcli.core.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

COMPLETIONS = {
    "bash": "bash-completion/completions/srcli",
    "zsh": "zsh/site-functions/_srcli",
    "fish": "fish/vendor_completions.d/srcli.fish",
}
"""Where each shell looks, below the share folder of an installation."""


def main() -> int:
    """Write all files."""
    for name, text in files().items():
        path = Path(__file__).parent / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return 0


def files() -> dict[str, str]:
    """All files by their paths below this folder."""
    found = {
        path: get_completion_script(prog_name="srcli", complete_var="_SRCLI_COMPLETE", shell=shell) + "\n"
        for shell, path in COMPLETIONS.items()
    }
    # zsh runs the file as a function when it is first asked, and wants an answer then.
    found[COMPLETIONS["zsh"]] += '[ "$funcstack[1]" = _srcli ] && _srcli_completion "$@"\n'
    for words, command, context in commands():
        found[f"man/man1/{'-'.join(words)}.1"] = manual(words, command, context)
    return found


def commands() -> Iterator[tuple[list[str], Any, Any]]:
    """Every command, with the words that call it."""
    root = get_command(app)
    waiting = [(["srcli"], root, root.make_context("srcli", [], resilient_parsing=True))]
    while waiting:
        words, command, context = waiting.pop()
        yield words, command, context
        for name, child in getattr(command, "commands", {}).items():
            below = child.make_context(name, [], parent=context, resilient_parsing=True)
            waiting.append(([*words, name], child, below))


def manual(words: list[str], command: Any, context: Any) -> str:  # noqa: ANN401  typer hides click's types
    """The manual page of a command, in roff."""
    summary, rest, examples = parts(command.help or "")
    lines = [
        f'.TH {_roff("-".join(words).upper())} 1 "" "srcli {__version__}" "srcli"',
        ".SH NAME",
        rf"{_roff('-'.join(words))} \- {_roff(summary[:1].lower() + summary[1:].rstrip('.'))}",
        ".SH SYNOPSIS",
        _roff(usage(command, context).removeprefix("Usage: ")),
        *([".SH DESCRIPTION", *_paragraphs(rest)] if rest else []),
    ]
    for title, rows in groups(command, context).items():
        lines.append(f'.SH "{_roff(title.upper())}"')
        for names, text in rows:
            lines += [".TP", rf"\fB{_roff(names.strip())}\fR", _roff(text) or r"\&"]
    if examples:
        lines += [".SH EXAMPLES", ".nf", *map(_roff, examples), ".fi"]
    if isinstance(command, TyperGroup):
        lines += [".SH SEE ALSO"]
        below = [_roff("-".join([*words, name])) for name in sorted(command.commands)]
        lines += [rf".BR {name} (1)," for name in below[:-1]] + [rf".BR {below[-1]} (1)"]
    lines += [
        ".SH EXIT STATUS",
        "0 where all was done; 1 where some inputs failed or a gate was not met; 2 for a",
    ]
    lines += ["command line that makes no sense; 3 where the machine lacks something; 4 for a model that is"]
    lines += ["unknown, damaged or unsuitable; 70 for a bug; 129, 130 and 143 after signals."]
    return "\n".join(lines) + "\n"


def parts(text: str) -> tuple[str, list[str], list[str]]:
    """The first sentence of a docstring, its other paragraphs, and its examples."""
    first, *others = [" ".join(each.split()) for each in inspect.cleandoc(text).split("\n\n") if each.strip()]
    at = others.index("Examples:") if "Examples:" in others else len(others)
    return first, others[:at], others[at + 1 :]


def _paragraphs(texts: list[str]) -> Iterator[str]:
    for index, text in enumerate(texts):
        if index:
            yield ".PP"
        yield _roff(text)


def _roff(text: str) -> str:
    """Text as it stands: nothing in it is a request or an escape."""
    text = re.sub(r"`+", "", text).replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{text}" if text.startswith((".", "'")) else text


if __name__ == "__main__":
    sys.exit(main())
