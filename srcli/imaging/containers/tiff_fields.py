"""Directories of TIFF fields, which EXIF blocks are made of as well (TIFF 6.0, section 2; BigTIFF)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias

import numpy as np

from srcli.imaging.limits import Allowance

if TYPE_CHECKING:
    from collections.abc import Iterable

Order: TypeAlias = Literal["<", ">"]

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED, FLOAT, DOUBLE = 1, 2, 3, 4, 5, 7, 11, 12
DIRECTORY, LONG8, SLONG8, DIRECTORY8 = 13, 16, 17, 18
EXIF_DIRECTORY, GPS_DIRECTORY, INTEROPERABILITY_DIRECTORY = 0x8769, 0x8825, 0xA005

_POINTERS = frozenset({EXIF_DIRECTORY, GPS_DIRECTORY, INTEROPERABILITY_DIRECTORY})
ITEM_BYTES = {
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
_NARROW = {LONG8: LONG, SLONG8: 9, DIRECTORY8: DIRECTORY}
_MOST_FIELDS = 4096
_DEEPEST = 2
# Two or three for each field of twelve bytes: ten thousand pages have some two hundred thousand fields.
_MOST_READS = 10**6
_SHARED_BYTES = 2**16
_SUBFILE = 254


class Readable(Protocol):
    """Bytes by their place: an EXIF block, or a whole TIFF file that stays on the disk."""

    def __getitem__(self, place: slice) -> bytes:
        """The bytes at a place; fewer where the file ends before."""


class _Counted:
    """A block in memory whose bytes are read about once: in a hostile one, fields lie over one another."""

    def __init__(self, block: bytes) -> None:
        self._block = block
        self._allowance = reading_allowance(len(block))

    def __getitem__(self, place: slice) -> bytes:
        data = self._block[place]
        self._allowance.spend(len(data))
        return data


def reading_allowance(size: int) -> Allowance:
    """How many fields, and how much of their values, are read from a block or a file of ``size`` bytes.

    Fields of one value may share it; those of more values don't lie over one another.
    """
    return Allowance(min(_MOST_READS, size // 4 + _SHARED_BYTES), 2 * size + _SHARED_BYTES, "of fields")


class Layout(NamedTuple):
    """How a file writes its directories: order of bytes, and whether counts and offsets have 64 bits."""

    order: Order
    big: bool

    @property
    def counter(self) -> struct.Struct:
        """The number of entries at the start of a directory."""
        return struct.Struct(self.order + ("Q" if self.big else "H"))

    @property
    def number(self) -> struct.Struct:
        """A count of values, or an offset."""
        return struct.Struct(self.order + ("Q" if self.big else "I"))

    @property
    def entry(self) -> struct.Struct:
        """Tag, type, count, and an offset or the values themselves."""
        return struct.Struct(self.order + ("HHQQ" if self.big else "HHII"))


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its TIFF type and its values as little-endian bytes.

    Attributes:
        kind: TIFF type of the values.
        data: the values.
        position: where its entry stands in the file it was read from.
        start: where its values stand there.
        stays: whether the file that is written holds the values at ``start`` already.
    """

    kind: int
    data: bytes
    position: int = 0
    start: int = 0
    stays: bool = False

    @property
    def end(self) -> int:
        """Where the bytes that belong to it end in the file it was read from."""
        return max(self.start + len(self.data), self.position + 12)

    @property
    def count(self) -> int:
        """Number of values."""
        return len(self.data) // (ITEM_BYTES[self.kind] * _ITEMS.get(self.kind, 1))

    @property
    def number(self) -> int:
        """The first value of an integer field; 0 where it has none."""
        return int.from_bytes(self.data[: ITEM_BYTES[self.kind]], "little")

    @property
    def doubles(self) -> tuple[float, ...]:
        """The values of a field of 64-bit floating-point numbers."""
        return struct.unpack(f"<{len(self.data) // 8}d", self.data[: len(self.data) // 8 * 8])

    @property
    def numbers(self) -> tuple[int, ...]:
        """All values of an integer field."""
        return tuple(np.frombuffer(self.data, f"<u{ITEM_BYTES[self.kind]}").tolist())

    def raw(self, order: Order) -> bytes:
        """The values as a file of that order of bytes holds them."""
        return self.data if order == "<" else _swapped(self.data, self.kind)


@dataclass(slots=True)
class Directory:
    """Fields by tag, the directories that pointer tags lead to, and the offset of the next directory.

    Attributes:
        fields: what could be read.
        children: EXIF, GPS and Interoperability directories.
        flaws: tags of the entries that could not be read.
        position: where it stands in the file it was read from.
        following: where the next directory stands; 0 for none.
    """

    fields: dict[int, Field] = field(default_factory=dict)
    children: dict[int, Directory] = field(default_factory=dict)
    flaws: list[int] = field(default_factory=list)
    position: int = 0
    following: int = 0

    def number(self, tag: int, default: int = 0) -> int:
        """The first value of an integer field."""
        return self.fields[tag].number if tag in self.fields else default

    def numbers(self, tag: int) -> tuple[int, ...]:
        """All values of an integer field; none where there is no such field."""
        return self.fields[tag].numbers if tag in self.fields else ()

    @property
    def is_reduced(self) -> bool:
        """Whether it is a smaller version of another picture in the file."""
        return bool(self.number(_SUBFILE) & 1)

    @property
    def is_mask(self) -> bool:
        """Whether it says which pixels of another picture are seen."""
        return bool(self.number(_SUBFILE) & 4)

    @property
    def end(self) -> int:
        """Where the last byte of this directory and of all it points to ends in the block."""
        ends = [child.end for child in self.children.values()] + [entry.end for entry in self.fields.values()]
        return max(ends, default=self.position + 6)

    @property
    def all_flaws(self) -> list[int]:
        """Tags of the entries that could not be read, here and below."""
        return [*self.flaws, *(tag for child in self.children.values() for tag in child.all_flaws)]

    def leave_values(self, start: int) -> None:
        """Let values from ``start`` on stay where they are: the new file holds them at the same place."""
        for tag, entry in self.fields.items():
            self.fields[tag] = replace(entry, stays=entry.start >= start)
        for child in self.children.values():
            child.leave_values(start)


def layout_of(head: bytes) -> Layout:
    """How a block or a file is written, from its first bytes.

    The number that marks a TIFF file is not looked at: some cameras write one of their own.

    Raises:
        ValueError: it is no TIFF header.
    """
    orders: dict[bytes, Order] = {b"II": "<", b"MM": ">"}
    if head[:2] not in orders or len(head) < 8:
        raise ValueError("no TIFF header")
    return Layout(orders[head[:2]], big=b"+" in head[2:4])


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


def doubles(values: Iterable[float]) -> Field:
    """A field of 64-bit floating-point numbers."""
    numbers = tuple(values)
    return Field(DOUBLE, struct.pack(f"<{len(numbers)}d", *numbers))


def parse_block(block: Readable, start: int | None = None) -> Directory:
    """Read a directory, and the EXIF, GPS and Interoperability directories below it.

    What is damaged is left out and noted in ``flaws``, so that one bad field costs no other.

    Args:
        block: an EXIF block, or a TIFF file.
        start: offset of the directory; that of the first one at None.

    Raises:
        ValueError, struct.error: there is no header or no directory at all.
    """
    block = _Counted(block) if isinstance(block, bytes) else block
    layout = layout_of(block[0:8])
    if start is None:
        start = layout.number.unpack(block[8:16] if layout.big else block[4:8])[0]
    directory = _parse_directory(block, start, layout, depth=0)
    if not (directory.fields or directory.children):
        raise ValueError("a directory without fields")
    return directory


def _parse_directory(block: Readable, start: int, layout: Layout, depth: int) -> Directory:
    counter, entry = layout.counter, layout.entry
    (count,) = counter.unpack(block[start : start + counter.size])
    if count > _MOST_FIELDS or depth > _DEEPEST:
        raise ValueError("no directory of TIFF fields")
    directory = Directory(position=start)
    first = start + counter.size
    for position in range(first, first + entry.size * count, entry.size):
        head = block[position : position + entry.size]
        if len(head) < entry.size:
            directory.flaws.append(0)
            return directory
        _parse_entry(block, position, head, layout, directory, depth)
    end = first + entry.size * count
    link = block[end : end + layout.number.size]
    if len(link) == layout.number.size:
        (directory.following,) = layout.number.unpack(link)
    return directory


def _parse_entry(
    block: Readable, position: int, head: bytes, layout: Layout, directory: Directory, depth: int
) -> None:
    tag, kind, items, value = layout.entry.unpack(head)
    size = items * ITEM_BYTES.get(kind, 0) * _ITEMS.get(kind, 1)
    room = layout.number.size
    start = position + layout.entry.size - room if size <= room else value
    data = block[start : start + size]
    if kind not in ITEM_BYTES or len(data) < size:
        directory.flaws.append(tag)
        return
    found = Field(kind, data if layout.order == "<" else _swapped(data, kind), position, start)
    if tag not in _POINTERS:
        directory.fields.setdefault(tag, _narrowed(found))
        return
    try:
        directory.children[tag] = _parse_directory(block, found.number, layout, depth + 1)
    except (ValueError, struct.error):
        directory.flaws.append(tag)


def _narrowed(found: Field) -> Field:
    """A field of 64-bit numbers as one of 32 bits, which any file can hold, where the numbers are small."""
    if found.kind not in _NARROW:
        return found
    signed = found.kind == SLONG8
    values = np.frombuffer(found.data, "<i8" if signed else "<u8")
    narrow = values.astype("<i4" if signed else "<u4")
    return (
        replace(found, kind=_NARROW[found.kind], data=narrow.tobytes()) if (narrow == values).all() else found
    )


def _swapped(data: bytes, kind: int) -> bytes:
    width = ITEM_BYTES[kind]
    return np.frombuffer(data, f">u{width}").astype(f"<u{width}").tobytes() if width > 1 else data


def build_block(directory: Directory, order: Order = "<") -> bytes:
    """An EXIF block of a directory and of all that it points to."""
    head = {"<": b"II", ">": b"MM"}[order] + struct.pack(order + "HI", 42, 8)
    return head + build_directory(directory, 8, Layout(order, big=False))


def build_directory(directory: Directory, start: int, layout: Layout) -> bytes:
    """The bytes of a directory that begins at the even offset ``start``, with all that it points to.

    Args:
        directory: of fields and directories below it.
        start: where it will stand in the file.
        layout: how the file is written.

    Raises:
        struct.error: an offset passes 4 GiB, and the file is no BigTIFF.
    """
    room, entry = layout.number.size, layout.entry
    tags = sorted([*directory.fields, *directory.children])
    entries = layout.counter.pack(len(tags))
    position, tail = start + len(entries) + entry.size * len(tags) + room, b""
    for tag in tags:
        child = directory.children.get(tag)
        if child:
            found = Field(LONG8 if layout.big else LONG, bytes(room), start=position + len(tail), stays=True)
            tail += build_directory(child, position + len(tail), layout)
        else:
            found = directory.fields[tag]
        values = found.raw(layout.order)
        if not child and len(values) <= room:
            entries += entry.pack(tag, found.kind, found.count, 0)[:-room] + values.ljust(room, b"\0")
            continue
        place = found.start if found.stays else position + len(tail)
        entries += entry.pack(tag, found.kind, found.count, place)
        tail += b"" if found.stays else values + b"\0" * (len(values) % 2)
    return entries + layout.number.pack(0) + tail
