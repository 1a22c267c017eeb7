"""Pipes that go by a name (``mkfifo``, ``<(...)``): read where once is enough, refused elsewhere.

The system opens a named pipe only when someone opens its other end, and would wait for ever for that.
"""

from __future__ import annotations

import io
import os
import select
import stat
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from srcli.core.errors import InputError
from srcli.core.names import printable

if TYPE_CHECKING:
    from pathlib import Path

    from _typeshed import WriteableBuffer

WRITER_S = 10.0
"""How long someone may take to open the other end, unless it is said."""

SILENCE_S = 60.0
"""How long nothing may come through a named pipe, unless it is said."""

_LOOK_S = 0.02
_CHUNK_BYTES = 2**16


@dataclass(frozen=True, slots=True)
class Wait:
    """How long to wait for someone at the other end of a pipe, in seconds; None is for ever.

    Attributes:
        writer_s: until the other end is opened.
        silence_s: until the next byte.
        whole_s: until the last byte, from the beginning on.
    """

    writer_s: float = WRITER_S
    silence_s: float | None = SILENCE_S
    whole_s: float | None = None

    @staticmethod
    def upto(limit_s: float | None, *, patient: bool = False) -> Wait:
        """No longer than ``limit_s`` for everything; where that is None, as long as one waits by default.

        Args:
            limit_s: what a person said.
            patient: whether silence has no limit by default, as in the pipes of a shell.
        """
        if limit_s is not None:
            return Wait(limit_s, None, limit_s)
        return Wait(WRITER_S, None if patient else SILENCE_S)


def open_to_read(path: Path, wait: Wait | None = None) -> BinaryIO:
    """Open a file or a named pipe, to be read once from its beginning.

    Args:
        path: its name.
        wait: how long to wait for the other end of a pipe; by default as ``Wait`` says.

    Raises:
        InputError: nobody writes into the pipe; so does reading where nothing comes for too long.
        OSError: the system refuses.
    """
    if not is_pipe(path):
        return path.open("rb")
    wait = wait or Wait.upto(None)
    begun_s = time.monotonic()
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        first = _await_writer(handle, wait.writer_s)
        os.set_blocking(handle, True)
    except BaseException:
        os.close(handle)
        raise
    if first is None:
        os.close(handle)
        raise InputError(
            f"cannot read {printable(path)}: it is a pipe, and nobody opened its other end "
            f"within {wait.writer_s:g} seconds",
            hint="start what writes into it first, or pipe it into srcli with - for the name",
        )
    clock = _Clock(printable(path), wait, begun_s)
    return io.BufferedReader(_Pipe(handle, first, clock))


def bounded(stream: BinaryIO, name: str, wait: Wait) -> BinaryIO:
    """A stream that belongs to someone else, of which nothing was read yet, with a limit to the wait for it.

    Streams that are no files of the system, and those of Windows, stay as they are.
    """
    if wait.silence_s is None and wait.whole_s is None:
        return stream
    try:
        handle = stream.fileno()
    except (OSError, AttributeError):
        return stream
    if not hasattr(select, "poll"):
        return stream
    return io.BufferedReader(_Pipe(handle, b"", _Clock(name, wait, time.monotonic()), owned=False))


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


class _Clock:
    """Waits for bytes as long as it may."""

    def __init__(self, name: str, wait: Wait, begun_s: float) -> None:
        self._name = name
        self._wait = wait
        self._begun_s = begun_s
        self._failure: InputError | None = None

    def await_bytes(self, handle: int) -> None:
        """Come back when there is something to read, or the end.

        Raises:
            InputError: it takes too long, now or when it was last waited for.
        """
        if self._failure:
            raise self._failure
        whole_s, silence_s = self._wait.whole_s, self._wait.silence_s
        left_s = None if whole_s is None else max(self._begun_s + whole_s - time.monotonic(), 0.0)
        limits = [limit for limit in (left_s, silence_s) if limit is not None]
        if limits and not _has_bytes(handle, min(limits)):
            reason = (
                f"nothing came through it for {silence_s:g} seconds"
                if left_s is None
                else f"it takes longer than {whole_s:g} seconds"
            )
            self._failure = InputError(
                f"cannot read {self._name}: {reason}", hint="allow more with --timeout SECONDS"
            )
            raise self._failure


def _has_bytes(handle: int, wait_s: float) -> bool:
    waiting = select.poll()
    waiting.register(handle, select.POLLIN)
    return bool(waiting.poll(wait_s * 1000))


class _Pipe(io.RawIOBase):
    """A pipe of which something has been read already."""

    def __init__(self, handle: int, first: bytes, clock: _Clock, *, owned: bool = True) -> None:
        self._handle = handle
        self._first = first
        self._clock = clock
        self._owned = owned

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """The next bytes; 0 at the end."""
        view = memoryview(buffer).cast("B")
        if not self._first:
            self._clock.await_bytes(self._handle)
            return os.readv(self._handle, [view])
        count = min(len(view), len(self._first))
        view[:count], self._first = self._first[:count], self._first[count:]
        return count

    def close(self) -> None:
        """Let go of the pipe."""
        if self._owned and not self.closed:
            os.close(self._handle)
        super().close()
