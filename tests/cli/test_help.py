"""``--help`` of every command, and what shells complete."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from srcli.cli.app import app, run


def commands(command=None, words=()):
    """The words of every command, those with commands below them included."""
    command = command or get_command(app)
    yield words
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(child, (*words, name))


@pytest.fixture
def wide(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_help_is_narrow_and_speaks_no_types(words, wide, capsys):
    assert run([*words, "--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 100
    assert not [line for line in lines if "<bool>" in line or "│" in line or "<str>" in line]
    assert any(line.startswith("Usage: ") for line in lines)
    assert lines[-1].strip().startswith("-h, --help")


@pytest.mark.parametrize("command", ["upscale", "compare", "metrics", "train", "bench"])
def test_examples_come_first(command, wide, capsys):
    run([command, "--help"])
    before = capsys.readouterr().out.partition("Usage:")[0].splitlines()
    examples = before[before.index("Examples:") + 1 :]
    assert [line for line in examples if line.startswith(f"  srcli {command}")]


def test_groups_and_defaults(wide, capsys):
    run(["upscale", "--help"])
    lines = capsys.readouterr().out.splitlines()
    groups = [line for line in lines if line.endswith(":") and not line.startswith(" ")]
    assert groups == [
        "Examples:",
        "Arguments:",
        "Files:",
        "Size of the output:",
        "Generator and device:",
        "Look and format:",
        "Options:",
    ]
    text = " ".join(" ".join(lines).split())
    assert "(default: auto; or SRCLI_MODEL)" in text
    assert "-s, --scale X Factor" in text


def test_help_fits_a_narrow_terminal(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "72")
    run(["upscale", "--help"])
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 72


SHELLS = {
    "bash": lambda words: {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)},
    "zsh": lambda words: {"_TYPER_COMPLETE_ARGS": words},
    "fish": lambda words: {"_TYPER_COMPLETE_ARGS": words, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
}


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("srcli upscale -m ph", {"photo"}),
        ("srcli upscale --format w", {"webp"}),
        ("srcli upscale --device c", {"cpu", "cuda"}),
        ("srcli models info pl", {"plain"}),
    ],
)
def test_values_complete(shell, words, values):
    command = shutil.which("srcli", path=str(Path(sys.executable).parent))
    if command is None:
        pytest.skip("srcli is not installed beside this Python: pip install .")
    environment = {**os.environ, "_SRCLI_COMPLETE": f"complete_{shell}", **SHELLS[shell](words)}
    done = subprocess.run([command], env=environment, capture_output=True, text=True, check=False)
    found = set(done.stdout.replace('"', " ").replace("(", " ").replace(")", " ").split())
    assert values <= found, done.stderr
    assert "fast" not in found
