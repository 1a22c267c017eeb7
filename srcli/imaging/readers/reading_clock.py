"""How long reading a picture may take: not all that a library does with a hostile file can be foreseen.

Decoders ask for their bytes piece by piece, and are interrupted where they do.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from io import BufferedReader, BytesIO, FileIO
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from srcli.core.pipes import refuse_pipe
from srcli.imaging.limits import TooMuchError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_Item = TypeVar("_Item")

READING_S = 60.0
READING_S_PER_MEGAPIXEL = 2.0
"""A hundred times what decoding takes on one core that does nothing else."""


class ReadingClock:
    """Runs while a picture is read, and not while something else is done with it.

    Args:
        limit_s: the longest that reading may take, in seconds; None for what suffices for its pixels.
    """

    def __init__(self, limit_s: float | None = None) -> None:
        self._given = limit_s is not None
        self._limit_s = READING_S if limit_s is None else limit_s
        self._spent_s = 0.0
        self._started_s: float | None = None

    def allow_for(self, pixels: int) -> None:
        """Allow more time for a picture of so many pixels, unless the time was given."""
        if not self._given:
            self._limit_s += READING_S_PER_MEGAPIXEL * pixels / 1e6

    def twin(self) -> ReadingClock:
        """A clock of the same limit for another reader of the same picture."""
        twin = ReadingClock(self._limit_s)
        twin._given = self._given
        return twin

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count the time that the block takes.

        Raises:
            TooMuchError: it was more than allowed.
        """
        self._started_s = time.monotonic()
        try:
            yield
            self.check()
        finally:
            self._spent_s = self._now_s()
            self._started_s = None

    def timed(self, items: Iterator[_Item]) -> Iterator[_Item]:
        """What a decoder gives; the clock runs while it is at work."""
        while True:
            with self.running():
                item = next(items, None)
            if item is None:
                return
            yield item
            # Not held while the next is decoded.
            del item

    def open(self, source: Path | bytes) -> BinaryIO:
        """A picture's bytes, which raise TooMuchError when they are read too late.

        Raises:
            InputError: it is a pipe.
            OSError: the system refuses.
        """
        if not isinstance(source, bytes):
            refuse_pipe(source)
        stream = _ClockedBytes(source) if isinstance(source, bytes) else _ClockedFile(FileIO(source))
        stream.clock = self
        return stream

    def check(self) -> None:
        """Raise TooMuchError where more time was spent than allowed."""
        if self._now_s() > self._limit_s:
            raise TooMuchError(
                f"it takes longer than {self._limit_s:.3g} seconds", hint="allow more with --timeout SECONDS"
            )

    def _now_s(self) -> float:
        return self._spent_s + (0.0 if self._started_s is None else time.monotonic() - self._started_s)


class _ClockedFile(BufferedReader):
    """A file that looks at the clock whenever it is read."""

    clock: ReadingClock

    def read(self, size: int | None = -1, /) -> bytes:
        self.clock.check()
        return super().read(size)


class _ClockedBytes(BytesIO):
    """Bytes that look at the clock whenever they are read."""

    clock: ReadingClock

    def read(self, size: int | None = -1, /) -> bytes:
        self.clock.check()
        return super().read(size)
