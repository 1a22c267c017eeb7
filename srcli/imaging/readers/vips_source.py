"""A file as libvips reads it: piece by piece, and never mapped into memory.

A file that is mapped and cut short meanwhile by another program ends the process with SIGBUS; a read that
comes to the end too early is an error like any other.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

from srcli.imaging.limits import TooMuchError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.imaging.readers.source import Origin


class VipsSource:
    """A source of its own for one picture, so that several readers don't move one another's position.

    Attributes:
        source: what libvips reads.
    """

    def __init__(self, vips: Any, origin: Origin) -> None:  # noqa: ANN401  pyvips carries no types
        self._reader: _Reader | None = None
        if isinstance(origin.stream, BytesIO):
            self.source = vips.Source.new_from_memory(origin.stream.getvalue())
            return
        self._reader = _Reader(origin)
        self.source = vips.SourceCustom()
        self.source.on_read(self._reader.read)
        self.source.on_seek(self._reader.seek)

    @contextmanager
    def failures(self) -> Iterator[None]:
        """Raise what ended reading, in place of what libvips makes of it.

        Raises:
            OSError: the system refused.
            EOFError: the file is shorter than it was when it was opened.
            TooMuchError: it takes too long.
        """
        try:
            yield
        except Exception:
            if self._reader and self._reader.error:
                raise self._reader.error from None
            raise


class _Reader:
    """The file, opened once more, in the words of libvips; closed when libvips lets go of it."""

    def __init__(self, origin: Origin) -> None:
        self._handle = os.open(origin.stream.name, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        self._clock = origin.clock
        self._size_bytes = origin.size_bytes
        self.error: OSError | EOFError | TooMuchError | None = None

    def __del__(self) -> None:
        os.close(self._handle)

    def read(self, size: int) -> bytes:
        """The next bytes; none at the end of the file, and where it can't be read."""
        try:
            self._clock.check()
            data = os.read(self._handle, size)
            if not data and os.lseek(self._handle, 0, os.SEEK_CUR) < self._size_bytes:
                raise EOFError("it was cut short")
            return data
        except (OSError, EOFError, TooMuchError) as error:
            # libvips could not carry it.
            self.error = error
            return b""

    def seek(self, offset: int, whence: int) -> int:
        """Go to a position, counted as by ``os.lseek``; -1 where there is none."""
        try:
            return os.lseek(self._handle, offset, whence)
        except OSError:
            return -1
