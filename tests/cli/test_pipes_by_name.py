"""Commands that are given the name of a pipe into which nobody writes: one line, never a wait without end."""

from __future__ import annotations

import os

import pytest

from srcli.cli.app import run
from srcli.core import pipes

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")

COMMANDS = [
    ("upscale pipe.png -m bicubic -o larger.png", 1, "nobody opened its other end"),
    ("upscale pipe.png -m bicubic --dry-run", 1, "nobody opened its other end"),
    ("upscale --files-from pipe.txt -m bicubic -o larger/", 1, "nobody opened its other end"),
    ("metrics pipe.png photo.png", 1, "it is a pipe, which can be read only once"),
    ("metrics photo.png pipe.png", 1, "it is a pipe, which can be read only once"),
    ("compare pipe.png -s 2 -o sheet.png", 1, "it is a pipe, which can be read only once"),
    ("degrade pipe.png -s 2 -o small.png", 1, "it is a pipe, which can be read only once"),
    ("evaluate --hr pipe.png -s 2 -m bicubic", 1, "it is a pipe, which can be read only once"),
    ("upscale photo.png -m pipe.onnx", 1, "it is a pipe, which can be read only once"),
    ("models import pipe.onnx", 1, "it is a pipe, which can be read only once"),
]


@pytest.mark.parametrize(("words", "code", "reason"), COMMANDS, ids=[words for words, _, _ in COMMANDS])
def test_a_pipe_without_a_writer(words, code, reason, photo, tiny, monkeypatch, capsys):
    monkeypatch.chdir(photo.parent)
    monkeypatch.setattr(pipes.open_to_read, "__defaults__", (0.05,))
    for extension in ("png", "txt", "onnx"):
        os.mkfifo(f"pipe.{extension}")
    monkeypatch.setattr("sys.argv", ["srcli", *words.split()])
    assert run() == code
    said = capsys.readouterr().err
    assert said.splitlines()[0].startswith("error: cannot read pipe.")
    assert reason in said
    assert "hint: " in said
