"""Commands that wait for a pipe into which nobody writes: one line, never a wait without end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from srcli.cli.app import run
from srcli.core import pipes

fcntl = pytest.importorskip("fcntl")
termios = pytest.importorskip("termios")
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
    monkeypatch.setattr(pipes, "WRITER_S", 0.05)
    for extension in ("png", "txt", "onnx"):
        os.mkfifo(f"pipe.{extension}")
    monkeypatch.setattr("sys.argv", ["srcli", *words.split()])
    assert run() == code
    said = capsys.readouterr().err
    assert said.splitlines()[0].startswith("error: cannot read pipe.")
    assert reason in said
    assert "hint: " in said


@pytest.fixture
def silent(photo, tiny, monkeypatch):
    """A named pipe that was opened for writing, and through which nothing comes."""
    monkeypatch.chdir(photo.parent)
    os.mkfifo("pipe.png")
    writer = os.open("pipe.png", os.O_RDWR)
    yield writer
    os.close(writer)


def upscale(*words):
    command = [sys.executable, "-m", "srcli", "upscale", "-m", "bicubic", "-s", "2", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def test_the_time_limit_holds_for_the_wait_for_a_writer(photo, monkeypatch):
    monkeypatch.chdir(photo.parent)
    os.mkfifo("pipe.png")
    ended = upscale("pipe.png", "-o", "larger.png", "--timeout", "0.2")
    assert ended.returncode == 1
    assert "nobody opened its other end within 0.2 seconds" in ended.stderr


@pytest.mark.parametrize("begun", [b"", b"\x89PNG\r\n\x1a\n" + bytes(100)])
@pytest.mark.parametrize("output", ["larger.png", "larger/"])
def test_the_time_limit_holds_for_a_silent_writer(begun, output, silent):
    os.write(silent, begun)
    ended = upscale("pipe.png", "-o", output, "--timeout", "0.3")
    assert ended.returncode == 1
    assert "error: cannot read pipe.png: it takes longer than 0.3 seconds" in ended.stderr
    assert "hint: allow more with --timeout SECONDS" in ended.stderr


def test_a_silent_pipe_does_not_keep_a_batch(silent, photo):
    ended = upscale("pipe.png", str(photo), "-o", "larger/", "--timeout", "5")
    assert ended.returncode == 1
    assert len(list(photo.parent.glob("larger/*.png"))) == 1
    assert "pipe.png: it takes longer than 5 seconds" in ended.stderr


def test_a_named_pipe_is_not_waited_for_without_end_by_default(silent, monkeypatch, capsys):
    monkeypatch.setattr(pipes, "SILENCE_S", 0.2)
    monkeypatch.setattr("sys.argv", ["srcli", "upscale", "-m", "bicubic", "pipe.png", "-o", "larger.png"])
    assert run() == 1
    assert "nothing came through it for 0.2 seconds" in capsys.readouterr().err


def test_the_time_limit_holds_for_standard_input(photo):
    reader, writer = os.pipe()
    try:
        os.write(writer, photo.read_bytes()[:20])
        command = [sys.executable, "-m", "srcli", "upscale", "-", "-o", photo.parent / "larger.png"]
        ended = subprocess.run(
            [*command, "-m", "bicubic", "-s", "2", "--timeout", "0.3"],
            stdin=reader,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        os.close(reader)
        os.close(writer)
    assert ended.returncode == 1
    assert "error: cannot read standard input: it takes longer than 0.3 seconds" in ended.stderr


@pytest.mark.parametrize("words", [(), ("--timeout", "60")])
def test_a_wait_for_standard_input_ends_with_ctrl_c(words, photo):
    reader, writer = os.pipe()
    command = [sys.executable, "-m", "srcli", "upscale", "-", "-o", photo.parent / "larger.png", *words]
    try:
        os.write(writer, b"\x89PNG\r\n\x1a\n" + bytes(80))
        process = subprocess.Popen(command, stdin=reader, stderr=subprocess.PIPE, text=True)
        while fcntl.ioctl(reader, termios.FIONREAD, bytes(4)) != bytes(4):
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    finally:
        os.close(reader)
        os.close(writer)
    assert process.returncode == 130
    assert "interrupted" in said


def test_a_file_as_standard_input_is_read_within_the_limit(photo):
    with photo.open("rb") as stream:
        command = [sys.executable, "-m", "srcli", "upscale", "-", "-o", photo.parent / "larger.png"]
        ended = subprocess.run(
            [*command, "-m", "bicubic", "--timeout", "60"], stdin=stream, check=False, capture_output=True
        )
    assert ended.returncode == 0
