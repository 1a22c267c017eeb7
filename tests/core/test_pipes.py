"""Pipes by name: read where someone writes into them, refused in words where nobody does."""

from __future__ import annotations

import os
import threading
import time

import pytest

from srcli.core.errors import InputError
from srcli.core.pipes import Wait, open_file, open_to_read, refuse_pipe

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")


@pytest.fixture
def pipe(tmp_path):
    path = tmp_path / "a.png"
    os.mkfifo(path)
    return path


def write_later(path, *parts, wait_s=0.0):
    """Open the pipe after a while, and write parts with a pause before each."""

    def write():
        time.sleep(wait_s)
        with path.open("wb", buffering=0) as stream:
            for part in parts:
                time.sleep(0.1)
                stream.write(part)

    thread = threading.Thread(target=write)
    thread.start()
    return thread


@pytest.mark.parametrize("wait_s", [0.0, 0.3])
def test_what_comes_through_a_pipe_is_read_whole_whenever_the_writer_comes(pipe, wait_s):
    parts = [bytes([number]) * 70_000 for number in range(3)]
    writer = write_later(pipe, *parts, wait_s=wait_s)
    with open_to_read(pipe) as stream:
        head = stream.read(10)
        rest = stream.read()
    writer.join()
    assert head + rest == b"".join(parts)


def test_a_pipe_without_a_writer_is_told_after_a_while(pipe):
    with pytest.raises(InputError, match=r"nobody opened its other end within 0\.1 s") as caught:
        open_to_read(pipe, Wait(writer_s=0.1))
    assert "with -" in caught.value.hint


def test_what_is_read_at_any_place_is_no_pipe(pipe, tmp_path):
    for refuse in (open_file, refuse_pipe):
        with pytest.raises(InputError, match="it is a pipe, which can be read only once"):
            refuse(pipe)
    file = tmp_path / "file"
    file.write_bytes(b"abc")
    with open_file(file) as stream:
        assert stream.read() == b"abc"
    with open_to_read(file) as stream:
        assert stream.read() == b"abc"


def test_a_writer_that_goes_silent_is_given_up_and_not_waited_for_again(pipe):
    writer = write_later(pipe, b"begun", wait_s=0.0)
    holder = os.open(pipe, os.O_RDWR)
    with open_to_read(pipe, Wait(silence_s=0.3)) as stream:
        assert stream.read(5) == b"begun"
        for _ in range(2):
            with pytest.raises(InputError, match=r"nothing came through it for 0\.3 seconds"):
                stream.read(1)
    os.close(holder)
    writer.join()


def test_a_slow_writer_is_read_to_its_end(pipe):
    writer = write_later(pipe, *[b"part"] * 8)
    with open_to_read(pipe, Wait(silence_s=20.0)) as stream:
        assert stream.read() == b"part" * 8
    writer.join()


def test_a_slow_writer_is_given_up_where_the_whole_takes_too_long(pipe):
    writer = write_later(pipe, *[b"part"] * 12)
    with open_to_read(pipe, Wait(silence_s=None, whole_s=0.4)) as stream:
        with pytest.raises(InputError, match=r"it takes longer than 0\.4 seconds"):
            stream.read()
        writer.join()
