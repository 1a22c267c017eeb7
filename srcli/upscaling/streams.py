"""Pictures that come in through standard input or named pipes."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

from srcli.core.errors import InputError
from srcli.core.names import printable
from srcli.core.pipes import Wait, bounded, open_to_read
from srcli.engine.inference.ort_session import CPU
from srcli.engine.tiling.planner import available_memory
from srcli.imaging.containers.sniff import HEAD_BYTES, sniff_format
from srcli.imaging.translated_errors import reading

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from pathlib import Path

MAX_BYTES = 2**31
"""The most that is taken into memory of a stream, which may have no end; at most half of what is free."""

_CHUNK_BYTES = 2**20
_DEVICES = ("/dev/", "/proc/")


class InputStream:
    """A picture that can be read once, from its beginning.

    Args:
        name: for messages.
        stem: what the name of an output begins with.
        connect: opens it, which waits for someone at the other end.
        keep_open: whether it belongs to someone else, who closes it.
    """

    def __init__(
        self, name: str, stem: str, connect: Callable[[], BinaryIO], *, keep_open: bool = False
    ) -> None:
        self.name = name
        self.stem = stem
        self._connect = connect
        self._keep_open = keep_open
        self._failure: InputError | None = None

    @cached_property
    def _stream(self) -> BinaryIO:
        # Nobody waits twice for someone at the other end.
        if self._failure:
            raise self._failure
        try:
            with reading(self.name):
                return self._connect()
        except InputError as error:
            self._failure = error
            raise

    @cached_property
    def head(self) -> bytes:
        """The first bytes, which tell the format.

        Raises:
            InputError: it can't be read, or is empty.
        """
        with reading(self.name):
            head = self._stream.read(HEAD_BYTES)
        if not head:
            raise InputError(f"{self.name} is empty", hint="pipe a picture into srcli upscale -")
        return head

    def open(self) -> BinaryIO:
        """What it comes through, to be read once from its beginning.

        Raises:
            InputError: it can't be opened.
        """
        return self._stream

    def read(self) -> bytes:
        """All of it; only the first bytes where they are no picture's.

        Raises:
            InputError: it can't be read, or does not end.
        """
        try:
            return self.head if sniff_format(self.head) is None else self._read_on()
        finally:
            if not self._keep_open:
                self._stream.close()

    def kept(self) -> InputStream:
        """The same, read by now and held in memory.

        Raises:
            InputError: it can't be read, or does not end.
        """
        data = self.read()
        return InputStream(self.name, self.stem, lambda: BytesIO(data))

    def again(self) -> InputStream:
        """The same from its beginning; only of what is held in memory."""
        return InputStream(self.name, self.stem, self._connect)

    def _read_on(self) -> bytes:
        limit = min(MAX_BYTES, available_memory(CPU) // 2)
        whole = BytesIO()
        whole.write(self.head)
        with reading(self.name):
            while chunk := self._stream.read(_CHUNK_BYTES):
                whole.write(chunk)
                if whole.tell() > limit:
                    raise InputError(
                        f"cannot read {self.name}: it goes on after {limit / 2**30:.1f} GiB",
                        hint="save it to a file and name that",
                    )
        return whole.getvalue()


@dataclass(frozen=True, slots=True)
class StandardStreams:
    """What ``-`` stands for, as the program tells that owns the streams.

    Attributes:
        open_input: gives standard input.
        open_output: gives standard output.
        output_file: the file that standard output leads to, where that is known.
    """

    open_input: Callable[[], BinaryIO]
    open_output: Callable[[], BinaryIO]
    output_file: Path | None = None

    def input(self, limit_s: float | None = None) -> InputStream:
        """A picture that comes through standard input, within some seconds where they are given."""
        name, wait = "standard input", Wait.upto(limit_s, patient=True)
        return InputStream(name, "stdin", lambda: bounded(self.open_input(), name, wait), keep_open=True)


def is_stream(status: os.stat_result) -> bool:
    """Whether what was found by a name is read from its beginning to its end, like a pipe."""
    return stat.S_ISFIFO(status.st_mode) or stat.S_ISCHR(status.st_mode) or stat.S_ISSOCK(status.st_mode)


def is_device(path: Path) -> bool:
    """Whether a path is a name that the system has for an open file, as ``/dev/stdin`` and ``<(...)`` are."""
    return str(path).startswith(_DEVICES)


def named_stream(path: Path, limit_s: float | None = None) -> InputStream:
    """A named pipe, or what the system calls a file that is open already.

    Args:
        path: its name.
        limit_s: the longest that it may take to come, in seconds; by default as long as pipes are waited for,
            and in ``<(...)`` as long as it takes.
    """
    wait = Wait.upto(limit_s, patient=is_device(path))
    return InputStream(printable(path), path.stem, lambda: open_to_read(path, wait))
