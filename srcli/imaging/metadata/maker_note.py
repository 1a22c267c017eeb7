"""Maker notes whose EXIF block is written again, since it stood in a TIFF file of any length.

Most makers write a directory of TIFF fields whose offsets count from the start of the file, so that it breaks
wherever it is moved to. The note keeps its place where a block has room for that; else its offsets are moved.
"""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import TYPE_CHECKING

from srcli.imaging.containers.tiff_fields import (
    EXIF_DIRECTORY,
    ITEM_BYTES,
    Directory,
    Field,
    Layout,
    build_block,
    build_directory,
    parse_block,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.imaging.containers.tiff_fields import Order

_MAKER_NOTE = 0x927C
_HEADER_BYTES = 8
_MOST_BYTES = 65527
"""What a segment of a JPEG file holds of an EXIF block."""
# Notes whose offsets count from their own start, or that hold a TIFF header of their own.
_SELF_CONTAINED = (
    b"FUJIFILM",
    b"Nikon\0\2",
    b"OLYMPUS\0",
    b"OM SYSTEM\0",
    b"PENTAX \0",
    b"RICOH\0II",
    b"RICOH\0MM",
    b"Apple iOS\0",
    b"DJI",
    b"GENERALE",
)
_HEADS = (0, 6, 8, 10, 12, 14, 18)
"""How long the text before the directory may be."""
_MOST_ENTRIES = 512


def build_moved_block(directory: Directory, order: Order, notes: list[str]) -> bytes:
    """An EXIF block of a directory that was read from a TIFF file.

    Args:
        directory: with the EXIF directory below it.
        order: of the bytes in that file; makers' directories share it.
        notes: takes a warning where the maker note may not survive.
    """
    details = directory.children.get(EXIF_DIRECTORY, Directory())
    note = details.fields.get(_MAKER_NOTE)
    if note is None or note.data.startswith(_SELF_CONTAINED) or len(note.data) <= 4:
        return build_block(directory, order)
    details.fields[_MAKER_NOTE] = replace(note, stays=True)
    block = _around(note, directory, order)
    if block:
        return block
    details.fields[_MAKER_NOTE] = replace(note, stays=False)
    block = build_block(directory, order)
    start = parse_block(block).children[EXIF_DIRECTORY].fields[_MAKER_NOTE].start
    moved = _moved(note, start)
    if moved is None:
        notes.append("its maker notes are moved, and may not be readable where they stand then")
        return block
    return block[:start] + moved + block[start + len(moved) :]


def _around(note: Field, directory: Directory, order: Order) -> bytes | None:
    """A block with a note at its old offset: behind all else if there is room before it, else first."""
    if not _HEADER_BYTES <= note.start <= _MOST_BYTES:
        return None
    block = build_block(directory, order)
    if len(block) <= note.start:
        block = block.ljust(note.start, b"\0") + note.raw(order)
    else:
        end = note.start + len(note.data)
        start = end + end % 2
        head = block[:4] + struct.pack(order + "I", start)
        first = (head.ljust(note.start, b"\0") + note.raw(order)).ljust(start, b"\0")
        block = first + build_directory(directory, start, Layout(order, big=False))
    return block if len(block) <= _MOST_BYTES else None


def _moved(note: Field, start: int) -> bytes | None:
    """The note with offsets that are right at another place; None where no directory is recognised in it."""
    for order in "<>":
        for head in _HEADS:
            places = list(_offsets(note, head, order))
            if places and None not in places:
                moved = bytearray(note.data)
                for place in filter(None, places):
                    (offset,) = struct.unpack_from(order + "I", note.data, place)
                    struct.pack_into(order + "I", moved, place, offset - note.start + start)
                return bytes(moved)
    return None


def _offsets(note: Field, head: int, order: str) -> Iterator[int | None]:
    """Where the offsets of a directory stand in a note; a None means that it is no such directory."""
    data = note.data
    count = struct.unpack_from(order + "H", data, head)[0] if len(data) >= head + 2 else 0
    if not 0 < count <= _MOST_ENTRIES or head + 2 + 12 * count > len(data):
        yield None
        return
    for position in range(head + 2, head + 2 + 12 * count, 12):
        _, kind, items, value = struct.unpack_from(order + "HHII", data, position)
        if kind not in ITEM_BYTES:
            yield None
        elif items * ITEM_BYTES[kind] > 4:
            inside = note.start <= value and value + items * ITEM_BYTES[kind] <= note.start + len(data)
            yield position + 8 if inside else None
