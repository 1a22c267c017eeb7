"""Pictures that come through pipes, and files that standard output is redirected to."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from itertools import repeat
from pathlib import Path

import pytest
from PIL import Image

from srcli.cli.streams import standard_streams
from srcli.core.errors import InputError, UsageError
from srcli.upscaling import streams
from srcli.upscaling.streams import InputStream, named_stream
from tests.cli.conftest import save_picture

unix = pytest.mark.skipif(os.name == "nt", reason="needs the pipes of Unix")
PNG = b"\x89PNG\r\n\x1a\n"


class Endless(io.RawIOBase):
    """A stream that begins with some bytes and never ends; counts what was taken."""

    def __init__(self, start):
        self.taken = 0
        self._blocks = iter([start, *repeat(bytes(4096), 10**6)])

    def readable(self):
        return True

    def read(self, _=-1):
        block = next(self._blocks)
        self.taken += len(block)
        return block


def test_a_stream_without_an_end_is_given_up(monkeypatch):
    monkeypatch.setattr(streams, "MAX_BYTES", 10**6)
    stream = InputStream("pipe", "pipe", lambda: Endless(PNG))
    with pytest.raises(InputError, match=r"cannot read pipe: it goes on after 0.0 GiB"):
        stream.read()


def test_what_is_no_picture_is_not_read_on():
    endless = Endless(b"no picture at all")
    stream = InputStream("pipe", "pipe", lambda: endless)
    assert stream.read() == b"no picture at all"
    assert endless.taken < 100


def test_a_terminal_is_not_waited_for(monkeypatch):
    terminal = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stdin", terminal)
    with pytest.raises(UsageError, match="standard input is a terminal"):
        standard_streams().input().read()


@unix
def test_a_pipe_that_is_not_there():
    with pytest.raises(InputError, match="no such file"):
        named_stream(Path("/dev/fd/999")).read()


def shell(folder, words):
    line = f'srcli() {{ "{sys.executable}" -m srcli upscale -m nearest -s 2 "$@"; }}; {words}'
    return subprocess.run(
        ["/bin/bash", "-c", line], cwd=folder, capture_output=True, check=False, text=True, timeout=60
    )


@unix
@pytest.mark.parametrize(
    ("words", "made"),
    [
        ("mkfifo p.png; cat a.png > p.png & srcli p.png", "p_x2.png"),
        ("srcli <(cat a.png) -o out.png", "out.png"),
        ("srcli /dev/stdin -o out/ < a.png", "out/stdin_x2.png"),
        ("srcli /dev/stdin < a.png > out.png", "out.png"),
    ],
)
def test_pipes_of_the_shell(words, made, tmp_path):
    save_picture(tmp_path / "a.png")
    done = shell(tmp_path, words)
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / made) as picture:
        assert (picture.format, picture.size) == ("PNG", (66, 48))


@unix
@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux tells where output goes")
def test_a_file_that_gets_another_format_than_its_name_says(tmp_path):
    save_picture(tmp_path / "a.png")
    done = shell(tmp_path, "srcli - < a.png > larger.jpg")
    assert done.returncode == 0
    assert "larger.jpg gets a PNG file, whatever its name says: add --format jpg" in done.stderr
    assert "whatever its name says" not in shell(tmp_path, "srcli - < a.png > larger.png").stderr
