"""Pipes that go by a name (``mkfifo``, ``<(...)``): read where once is enough, refused elsewhere.

The system opens a named pipe only when someone opens its other end, and would wait for ever for that.
"""

from __future__ import annotations

import io
import os
import stat
import time
from typing import TYPE_CHECKING, BinaryIO

from srcli.core.errors import InputError
from srcli.core.names import printable

if TYPE_CHECKING:
    from pathlib import Path

    from _typeshed import WriteableBuffer

WRITER_S = 10.0
"""How long someone may take to open the other end; from then on, data may take their time."""

_LOOK_S = 0.02
_CHUNK_BYTES = 2**16


def open_to_read(path: Path, wait_s: float = WRITER_S) -> BinaryIO:
    """Open a file or a named pipe, to be read once from its beginning.

    Args:
        path: its name.
        wait_s: how long to wait for someone at the other end of a pipe.

    Raises:
        InputError: nobody writes into the pipe.
        OSError: the system refuses.
    """
    if not is_pipe(path):
        return path.open("rb")
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        first = _await_writer(handle, wait_s)
        os.set_blocking(handle, True)
    except BaseException:
        os.close(handle)
        raise
    if first is None:
        os.close(handle)
        raise InputError(
            f"cannot read {printable(path)}: it is a pipe, and nobody opened its other end "
            f"within {wait_s:g} seconds",
            hint="start what writes into it first, or pipe it into srcli with - for the name",
        )
    return io.BufferedReader(_Pipe(handle, first))


def open_file(path: Path) -> BinaryIO:
    """Open a file that is read at any place, or more than once.

    Raises:
        InputError: it is a pipe.
        OSError: the system refuses.
    """
    refuse_pipe(path)
    return path.open("rb")


def refuse_pipe(path: Path) -> None:
    """Go on, unless a path names a pipe.

    Raises:
        InputError: it does.
    """
    if is_pipe(path):
        raise InputError(
            f"cannot read {printable(path)}: it is a pipe, which can be read only once",
            hint="save what comes through it to a file first",
        )


def is_pipe(path: Path) -> bool:
    """Whether a path names a pipe or a socket; not where there is nothing, or nothing to be seen."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _await_writer(handle: int, wait_s: float) -> bytes | None:
    """The first bytes, none of them where the writer has sent nothing yet; None where there is no writer."""
    end = time.monotonic() + wait_s
    while True:
        try:
            data = os.read(handle, _CHUNK_BYTES)
        except BlockingIOError:
            return b""
        # Without a writer, a pipe looks as if it were at its end.
        if data:
            return data
        if time.monotonic() > end:
            return None
        time.sleep(_LOOK_S)


class _Pipe(io.RawIOBase):
    """A pipe of which something has been read already."""

    def __init__(self, handle: int, first: bytes) -> None:
        self._handle = handle
        self._first = first

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """The next bytes; 0 at the end."""
        view = memoryview(buffer).cast("B")
        if not self._first:
            return os.readv(self._handle, [view])
        count = min(len(view), len(self._first))
        view[:count], self._first = self._first[:count], self._first[count:]
        return count

    def close(self) -> None:
        """Let go of the pipe."""
        if not self.closed:
            os.close(self._handle)
        super().close()
