"""The pages of a TIFF file: directories of fields in a stream, classic or BigTIFF (TIFF 6.0, section 2).

A field whose values lie beyond the end of the file is left out and remembered; the others stand.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from srcli.imaging.tiff_fields import (
    MOST_FIELDS,
    Directory,
    Field,
    Order,
    build_directory,
    item_bytes,
    little,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_PAGES = 10_000
CHILDREN = 330
"""The field that leads to directories below a page."""

_REDUCED = 254


class _Layout(NamedTuple):
    """How a file writes numbers: the order of bytes; the formats of a count, an entry and an offset."""

    order: Order
    counter: str
    entry: str
    offset: str

    @property
    def room(self) -> int:
        """How many bytes of values fit into an entry."""
        return struct.calcsize(self.offset)


@dataclass(slots=True)
class Page:
    """A directory of a file.

    Attributes:
        fields: by tag.
        following: where the next page's directory begins; 0 behind the last.
        lost: tags whose values lie beyond the end of the file.
    """

    fields: dict[int, Field] = field(default_factory=dict)
    following: int = 0
    lost: list[int] = field(default_factory=list)

    def number(self, tag: int, default: int = 0) -> int:
        """The first value of an integer field."""
        return self.fields[tag].number if tag in self.fields else default

    def numbers(self, tag: int) -> tuple[int, ...]:
        """All values of an integer field; none where there is no such field."""
        return self.fields[tag].numbers if tag in self.fields else ()

    @property
    def is_reduced(self) -> bool:
        """Whether it is a smaller version of another picture in the file."""
        return bool(self.number(_REDUCED) & 1)

    def as_block(self) -> bytes:
        """A little-endian TIFF structure of the same fields."""
        return b"II*\0\x08\0\0\0" + build_directory(Directory(dict(self.fields)), 8)


def read_pages(stream: BinaryIO) -> list[Page]:
    """All pages of a file, up to ten thousand.

    Raises:
        EOFError: the first directory lies beyond the end of the file.
        ValueError, struct.error: it is no TIFF file.
    """
    layout, start = _read_header(stream)
    pages: list[Page] = []
    seen: set[int] = set()
    while start and start not in seen and len(pages) < MOST_PAGES:
        seen.add(start)
        try:
            pages.append(_read_directory(stream, start, layout))
        except (EOFError, ValueError):
            if not pages:
                raise
            break
        start = pages[-1].following
    return pages


def read_page_at(stream: BinaryIO, start: int) -> Page:
    """The directory that begins at an offset of a file.

    Raises:
        EOFError: it lies beyond the end of the file.
        ValueError: it has more fields than any directory has.
    """
    return _read_directory(stream, start, _read_header(stream)[0])


def read_children(stream: BinaryIO, page: Page) -> Iterator[Page]:
    """The directories below a page; one that can't be read is left out."""
    for start in page.numbers(CHILDREN)[:MOST_PAGES]:
        try:
            yield read_page_at(stream, start)
        except (EOFError, ValueError):
            continue


def with_number(stream: BinaryIO, page: Page, tag: int, value: int) -> bytes:
    """The whole file with another number in a field of one number."""
    layout, _ = _read_header(stream)
    stream.seek(0)
    data = bytearray(stream.read())
    place = page.fields[tag].position + struct.calcsize("<" + layout.entry)
    struct.pack_into(layout.order + "H", data, place, value)
    return bytes(data)


def _read_header(stream: BinaryIO) -> tuple[_Layout, int]:
    stream.seek(0)
    head = _read(stream, 8)
    order: Order = "<" if head[:2] == b"II" else ">"
    if head[2:4] in (b"+\0", b"\0+"):
        return _Layout(order, "Q", "HHQ", "Q"), struct.unpack(order + "Q", _read(stream, 8))[0]
    return _Layout(order, "H", "HHI", "I"), struct.unpack_from(order + "I", head, 4)[0]


def _read_directory(stream: BinaryIO, start: int, layout: _Layout) -> Page:
    stream.seek(start)
    counter = layout.order + layout.counter
    (count,) = struct.unpack(counter, _read(stream, struct.calcsize(counter)))
    if count > MOST_FIELDS:
        raise ValueError("no directory of TIFF fields")
    size = struct.calcsize("<" + layout.entry) + layout.room
    entries = _read(stream, count * size)
    tail = stream.read(layout.room)
    page = Page()
    # Some writers leave the offset of the next page out.
    if len(tail) == layout.room:
        (page.following,) = struct.unpack(layout.order + layout.offset, tail)
    end = stream.seek(0, os.SEEK_END)
    first = start + struct.calcsize(counter)
    for offset in range(0, len(entries), size):
        _read_field(stream, entries[offset : offset + size], layout, page, first + offset, end)
    return page


def _read_field(stream: BinaryIO, entry: bytes, layout: _Layout, page: Page, position: int, end: int) -> None:
    tag, kind, count = struct.unpack_from(layout.order + layout.entry, entry)
    length = count * item_bytes(kind)
    value = entry[-layout.room :]
    if length > layout.room:
        (start,) = struct.unpack(layout.order + layout.offset, value)
        if start + length > end:
            page.lost.append(tag)
            return
        stream.seek(start)
        value = _read(stream, length)
    # The first of several fields with one tag counts, as in libtiff.
    if length:
        page.fields.setdefault(tag, Field(kind, little(value[:length], kind, layout.order), position))


def _read(stream: BinaryIO, length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data
