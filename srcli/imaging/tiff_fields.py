"""Directories of TIFF fields, which EXIF blocks are made of as well (TIFF 6.0, section 2)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

Order: TypeAlias = Literal["<", ">"]

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED, LONG8 = 1, 2, 3, 4, 5, 7, 16
EXIF_DIRECTORY, GPS_DIRECTORY, INTEROPERABILITY_DIRECTORY = 0x8769, 0x8825, 0xA005

_POINTERS = frozenset({EXIF_DIRECTORY, GPS_DIRECTORY, INTEROPERABILITY_DIRECTORY})
_ITEM_BYTES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 4,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 4,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}
_ITEMS = {RATIONAL: 2, 10: 2}
MOST_FIELDS = 4096
"""More fields than any directory has."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its TIFF type and its values as little-endian bytes.

    ``position`` is where its 12-byte entry stands in the block it was read from; ``end`` is where the bytes
    that belong to it end.
    """

    kind: int
    data: bytes
    position: int = 0
    end: int = 0

    @property
    def count(self) -> int:
        """Number of values."""
        return len(self.data) // item_bytes(self.kind)

    @property
    def number(self) -> int:
        """The first value of an integer field."""
        return int.from_bytes(self.data[: _ITEM_BYTES[self.kind]], "little")

    @property
    def numbers(self) -> tuple[int, ...]:
        """All values of an integer field."""
        return tuple(np.frombuffer(self.data, f"<u{_ITEM_BYTES[self.kind]}").tolist())


@dataclass(slots=True)
class Directory:
    """Fields by tag, the directories that pointer tags lead to, and the offset of the next directory."""

    fields: dict[int, Field] = field(default_factory=dict)
    children: dict[int, Directory] = field(default_factory=dict)
    position: int = 0
    following: int = 0

    @property
    def end(self) -> int:
        """Where the last byte of this directory and of all it points to ends in the block."""
        ends = [child.end for child in self.children.values()] + [entry.end for entry in self.fields.values()]
        return max(ends, default=self.position + 6)


def item_bytes(kind: int) -> int:
    """How many bytes one value of a TIFF type takes; none for types that are unknown."""
    return _ITEM_BYTES.get(kind, 0) * _ITEMS.get(kind, 1)


def little(data: bytes, kind: int, order: Order) -> bytes:
    """The values of a field as little-endian bytes."""
    if order == "<":
        return data
    return np.frombuffer(data, f">u{_ITEM_BYTES[kind]}").astype(f"<u{_ITEM_BYTES[kind]}").tobytes()


def byte_order(block: bytes) -> Order:
    """The order of bytes that a TIFF header announces.

    Raises:
        ValueError: it is no classic TIFF header.
    """
    orders: dict[bytes, Order] = {b"II*\0": "<", b"MM\0*": ">"}
    if block[:4] not in orders:
        raise ValueError("no TIFF header")
    return orders[block[:4]]


def short(*values: int) -> Field:
    """A field of 16-bit numbers."""
    return Field(SHORT, struct.pack(f"<{len(values)}H", *values))


def long(*values: int) -> Field:
    """A field of 32-bit numbers."""
    return Field(LONG, struct.pack(f"<{len(values)}I", *values))


def long8(*values: int) -> Field:
    """A field of 64-bit numbers, as only a BigTIFF holds them."""
    return Field(LONG8, struct.pack(f"<{len(values)}Q", *values))


def rational(numerator: int, denominator: int) -> Field:
    """A field of one fraction."""
    return Field(RATIONAL, struct.pack("<2I", numerator, denominator))


def parse_block(block: bytes) -> Directory:
    """Read the first directory of a block, and the EXIF, GPS and interoperability directories below it.

    Fields of unknown type are left out.

    Raises:
        ValueError, struct.error: the block is damaged.
    """
    order = byte_order(block)
    return _parse_directory(block, struct.unpack_from(order + "I", block, 4)[0], order, depth=0)


def _parse_directory(block: bytes, start: int, order: Order, depth: int) -> Directory:
    (count,) = struct.unpack_from(order + "H", block, start)
    if count > MOST_FIELDS or depth > 2:
        raise ValueError("no directory of TIFF fields")
    directory = Directory(position=start)
    for position in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind, items, value = struct.unpack_from(order + "HHII", block, position)
        if tag in _POINTERS:
            directory.children[tag] = _parse_directory(block, value, order, depth + 1)
        elif kind in _ITEM_BYTES:
            directory.fields[tag] = _parse_field(block, position, kind, items, order)
    (directory.following,) = struct.unpack_from(order + "I", block, start + 2 + 12 * count)
    return directory


def _parse_field(block: bytes, position: int, kind: int, items: int, order: Order) -> Field:
    size = items * item_bytes(kind)
    start = position + 8 if size <= 4 else struct.unpack_from(order + "I", block, position + 8)[0]
    data = block[start : start + size]
    if len(data) < size:
        raise ValueError("a TIFF field reaches beyond its block")
    return Field(kind, little(data, kind, order), position, max(start + size, position + 12))


def build_directory(directory: Directory, start: int, *, big: bool = False) -> bytes:
    """The bytes of a directory that begins at the even offset ``start``, with all that it points to.

    Args:
        directory: of fields and directories below it.
        start: where it will stand in the file.
        big: write counts and offsets as a BigTIFF has them, in 64 bits.

    Raises:
        struct.error: an offset passes 4 GiB, and the file is no BigTIFF.
    """
    counter, number = ("<Q", "Q") if big else ("<H", "I")
    room = struct.calcsize(number)
    tags = sorted([*directory.fields, *directory.children])
    entries = struct.pack(counter, len(tags))
    position, tail = start + len(entries) + (4 + 2 * room) * len(tags) + room, b""
    for tag in tags:
        child = directory.children.get(tag)
        entry = None if child else directory.fields[tag]
        data = (
            build_directory(child, position + len(tail), big=big) if child else entry.data if entry else b""
        )
        if entry and len(data) <= room:
            entries += struct.pack(f"<HH{number}", tag, entry.kind, entry.count) + data.ljust(room, b"\0")
            continue
        kind, count = (entry.kind, entry.count) if entry else (LONG8 if big else LONG, 1)
        entries += struct.pack(f"<HH{number}{number}", tag, kind, count, position + len(tail))
        tail += data + b"\0" * (len(data) % 2)
    return entries + struct.pack(f"<{number}", 0) + tail
