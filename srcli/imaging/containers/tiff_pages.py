"""The pages of a TIFF file: directories of fields in a stream, classic or BigTIFF (TIFF 6.0, section 2).

A field whose values lie beyond the end of the file is left out and remembered; the others stand.
"""

from __future__ import annotations

import struct
from os import SEEK_END
from typing import TYPE_CHECKING, BinaryIO

from srcli.imaging.containers.tiff_fields import (
    LONG,
    SHORT,
    Directory,
    layout_of,
    parse_block,
    reading_allowance,
)
from srcli.imaging.limits import TooMuchError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_PAGES = 10_000
CHILDREN = 330
"""The field that leads to directories below a page."""

Page = Directory


class FileBytes:
    """The bytes of a stream by their place, none of which is held in memory; each is read about once."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._end = stream.seek(0, SEEK_END)
        self._allowance = reading_allowance(self._end)

    def __getitem__(self, place: slice) -> bytes:
        """The bytes at a place; fewer where the file ends before."""
        if place.start >= self._end:
            return b""
        length = min(place.stop, self._end) - place.start
        self._allowance.spend(length)
        self._stream.seek(place.start)
        return self._stream.read(length)


def read_pages(stream: BinaryIO) -> list[Page]:
    """All pages of a file, up to ten thousand.

    Raises:
        EOFError: the first directory lies beyond the end of the file.
        TooMuchError: its fields lie over one another, or there are a million.
        ValueError: it is no TIFF file.
    """
    file = FileBytes(stream)
    start: int | None = None
    pages: list[Page] = []
    seen: set[int] = set()
    while start != 0 and start not in seen and len(pages) < MOST_PAGES:
        if start:
            seen.add(start)
        try:
            pages.append(parse_block(file, start))
        except struct.error as error:
            if not pages:
                raise EOFError from error
            break
        except TooMuchError:
            raise
        except ValueError:
            if not pages:
                raise
            break
        start = pages[-1].following
    return pages


def main_page(pages: Sequence[Page]) -> int:
    """The place of the first page that is the picture itself, and no thumbnail or mask of it."""
    return next(iter(whole_pages(pages)), 0)


def whole_pages(pages: Sequence[Page]) -> list[int]:
    """The places of the pages that are neither thumbnails nor masks."""
    return [index for index, page in enumerate(pages) if not (page.is_reduced or page.is_mask)]


def read_children(stream: BinaryIO, page: Page) -> Iterator[Page]:
    """The directories below a page; one that can't be read is left out."""
    file = FileBytes(stream)
    for start in page.numbers(CHILDREN)[:MOST_PAGES]:
        try:
            yield parse_block(file, start)
        except (ValueError, struct.error):
            continue


def with_number(stream: BinaryIO, page: Page, tag: int, value: int) -> bytes:
    """The whole file with another number in a field of one number."""
    stream.seek(0)
    data = bytearray(stream.read())
    layout = layout_of(bytes(data[:8]))
    position = page.fields[tag].position
    place = position + layout.entry.size - layout.number.size
    (kind,) = struct.unpack_from(layout.order + "H", data, position + 2)
    struct.pack_into(layout.order + {SHORT: "H", LONG: "I"}.get(kind, "Q"), data, place, value)
    return bytes(data)
