"""Pictures that pass through memory from top to bottom, some rows at a time."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from srcli.core.geometry import Size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_THIN = 64

Band: TypeAlias = npt.NDArray[Any]
"""Some rows of a picture: (any height, width, channels)."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A picture that can be read from any row down to the last.

    Attributes:
        size: of the whole picture.
        read: the bands from a row on, which join without a gap; each call reads the picture again. Who takes
            a band may change it only where the bands are its own; bands of ``rows_of`` are views.
    """

    size: Size
    read: Callable[[int], Iterator[Band]]

    def thin(self) -> Rows:
        """The picture in thin bands, views of its own, so that what is done to one needs little memory."""
        return Rows(self.size, self._read_thin)

    def _read_thin(self, start: int) -> Iterator[Band]:
        for band in self.read(start):
            for top in range(0, len(band), _THIN):
                yield band[top : top + _THIN]
            # Not held while the next is made.
            del band

    def map(self, change: Callable[[Band], Band]) -> Rows:
        """The picture with each band changed; its height and width stay."""
        return Rows(self.size, lambda start: (change(band) for band in self.read(start)))


def rows_of(picture: Band) -> Rows:
    """A picture that is in memory, (height, width, channels)."""
    return Rows(Size(*picture.shape[:2]), lambda start: iter((picture[start:],)))


def whole(rows: Rows) -> Band:
    """The picture in memory: a view where it came in one band."""
    bands = rows.read(0)
    first = next(bands)
    if len(first) == rows.size.height:
        return first
    picture = np.empty((*rows.size, *first.shape[2:]), first.dtype)
    picture[: len(first)] = first
    top = len(first)
    for band in bands:
        picture[top : top + len(band)] = band
        top += len(band)
    return picture


class Tape:
    """Rows that one reader takes now and another takes later, read once.

    Args:
        rows: read from their first row on.
    """

    def __init__(self, rows: Rows) -> None:
        self._bands = rows.read(0)
        self._kept: deque[Band] = deque()

    def now(self, start: int = 0) -> Iterator[Band]:
        """The bands, each kept until it was taken for the second time; from the first row on only."""
        assert start == 0, "a tape is read from its beginning"
        for band in self._bands:
            self._kept.append(band)
            yield band

    def passed(self) -> Iterator[Band]:
        """Bands that the first reader has taken and that were not taken a second time yet."""
        while self._kept:
            yield self._kept.popleft()

    def later(self) -> Iterator[Band]:
        """The bands for the second time, as far as the first reader has come whenever one is taken."""
        while True:
            yield self._kept.popleft()


def abreast(first: Rows, *others: Rows) -> Callable[[int], Iterator[tuple[Band, ...]]]:
    """Read pictures of one size at the pace of the first: its bands, and the same rows of the others."""

    def read(start: int) -> Iterator[tuple[Band, ...]]:
        windows = [SlidingRows(other.read(start), start) for other in others]
        top = start
        for band in first.read(start):
            bottom = top + len(band)
            yield (band, *(window.rows(top, bottom) for window in windows))
            for window in windows:
                window.drop(bottom)
            top = bottom

    return read


class SlidingRows:
    """A window onto bands as they come: any rows that were not dropped yet, pulled in when asked for.

    Args:
        bands: without a gap.
        start: the row that the first band begins with.
    """

    def __init__(self, bands: Iterator[Band], start: int) -> None:
        self._bands = bands
        self._held: list[Band] = []
        self._top = start
        self._bottom = start

    def rows(self, start: int, stop: int) -> Band:
        """Rows from ``start`` to before ``stop``: a view where one band holds them all."""
        while self._bottom < stop:
            band = next(self._bands)
            self._held.append(band)
            self._bottom += len(band)
        parts, top = [], self._top
        for band in self._held:
            part = band[max(0, start - top) : max(0, stop - top)]
            top += len(band)
            if len(part):
                parts.append(part)
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def drop(self, before: int) -> None:
        """Forget bands that end at or before a row."""
        while self._held and self._top + len(self._held[0]) <= before:
            self._top += len(self._held.pop(0))
