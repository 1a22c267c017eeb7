"""EXIF blocks: read the orientation, then make the block true of the picture that is written.

Values are changed where they stand, and nothing moves: maker notes hold offsets that no one but their maker
understands, so a block that is taken apart and put together again would break them.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from srcli.imaging.tiff_fields import (
    EXIF_DIRECTORY,
    LONG,
    SHORT,
    Directory,
    Order,
    byte_order,
    parse_block,
)

if TYPE_CHECKING:
    from srcli.core.geometry import Size

_ORIENTATION = 0x0112
_WIDTH, _HEIGHT = 0x0100, 0x0101
_EXIF_WIDTH, _EXIF_HEIGHT = 0xA002, 0xA003


def read_orientation(block: bytes) -> int:
    """The orientation, 1..8, that an EXIF block states; 1 where it states none that is known.

    Raises:
        ValueError, struct.error: the block is damaged.
    """
    entry = parse_block(block).fields.get(_ORIENTATION)
    stated = entry.number if entry else 1
    return stated if 1 <= stated <= 8 else 1


def upright(block: bytes) -> bytes:
    """The block with its orientation reset to 1 and without its thumbnail.

    Raises:
        ValueError, struct.error: the block is damaged.
    """
    directory, order = parse_block(block), byte_order(block)
    patched = bytearray(block)
    _patch(patched, directory, order, {_ORIENTATION: 1}, SHORT)
    _drop_thumbnail(patched, directory, order)
    return bytes(patched)


def with_size(block: bytes, size: Size) -> bytes:
    """The block with the sizes it states, where it states any, changed to the picture's own."""
    directory, order = parse_block(block), byte_order(block)
    patched = bytearray(block)
    _patch(patched, directory, order, {_WIDTH: size.width, _HEIGHT: size.height}, LONG)
    details = directory.children.get(EXIF_DIRECTORY, Directory())
    _patch(patched, details, order, {_EXIF_WIDTH: size.width, _EXIF_HEIGHT: size.height}, LONG)
    return bytes(patched)


def _patch(block: bytearray, directory: Directory, order: Order, values: dict[int, int], kind: int) -> None:
    layout = order + ("HIHxx" if kind == SHORT else "HII")
    for tag, value in values.items():
        if tag in directory.fields:
            struct.pack_into(layout, block, directory.fields[tag].position + 2, kind, 1, value)


def _drop_thumbnail(block: bytearray, directory: Directory, order: Order) -> None:
    """Unlink the second directory, which describes the thumbnail, and cut it off where it comes last."""
    (count,) = struct.unpack_from(order + "H", block, directory.position)
    link = directory.position + 2 + 12 * count
    block[link : link + 4] = bytes(4)
    if directory.following >= max(directory.end, link + 4):
        del block[directory.following :]
