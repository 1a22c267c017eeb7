"""Builds the site of the documentation, which works from a folder and asks no other host for anything.

    python docs/site/build.py [FOLDER]

The pages are README.md, docs/ and what they link to, as they lie in the repository, and one that lists every
option of every command. A link or an anchor that leads nowhere ends it with exit code 1. Needs the extra
``docs``.
"""

from __future__ import annotations

import html
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srcli.cli.help import groups, usage

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "share"))
from make import commands, parts  # noqa: E402

OTHERS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "tests/benchmarks/NOTES.md")
"""Pages outside of docs/; they lie where they do in the repository, so that all links hold."""


def main(words: list[str]) -> int:
    """Build the site into a folder, by default ``build/site``."""
    target = Path(words[0]) if words else ROOT / "build" / "site"
    with tempfile.TemporaryDirectory() as scratch:
        lay_out(Path(scratch))
        if make_site(Path(scratch)):
            return 1
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(Path(scratch, "site"), target)
    print(target / "index.html")
    return 0


def lay_out(folder: Path) -> None:
    """Put settings and pages where the builder looks for them."""
    shutil.copy(HERE / "zensical.toml", folder)
    pages = folder / "pages"
    shutil.copytree(ROOT / "docs", pages / "docs", ignore=shutil.ignore_patterns("site"))
    for name in OTHERS:
        (pages / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, pages / name)
    shutil.copy(HERE / "iframe-worker.js", pages)
    (pages / "commands.md").write_text("\n".join(reference()), encoding="utf-8")


def make_site(folder: Path) -> int:
    """Turn what was laid out into pages below ``site``; not 0 where a link leads nowhere."""
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict"]
    return subprocess.run(command, cwd=folder, check=False).returncode


def reference() -> Iterator[str]:
    """Every command with its options, in Markdown."""
    yield "# Commands and options\n"
    for words, command, context in sorted(commands(), key=lambda each: each[0]):
        yield from _command(" ".join(words), command, context)


def _command(name: str, command: Any, context: Any) -> Iterator[str]:  # noqa: ANN401  typer hides click's types
    summary, rest, examples = parts(command.help or "")
    yield f"## {name}\n\n{summary}\n"
    yield from (f"{paragraph}\n" for paragraph in rest)
    yield "\n".join(["```", usage(command, context).removeprefix("Usage: "), *examples, "```", ""])
    for title, rows in groups(command, context).items():
        yield f"| {title} | |\n|---|---|"
        yield from (f"| <code>{_cell(names.strip())}</code> | {_cell(text)} |" for names, text in rows)
        yield ""


def _cell(text: str) -> str:
    return html.escape(text).replace("|", "&#124;").replace("*", "&#42;")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
