"""Fields of a BMP file held against one another and against the file's length (Windows GDI; OS/2 1 and 2).

Each of its sizes is wrong in files of some program: of the file, of the pixels, of the palette. What no
program writes is a picture whose pixels are as many as none of them says.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILE_HEADER_BYTES, _CORE_BYTES, _INFO_BYTES, _V2_BYTES, _V4_BYTES, _V5_BYTES = 14, 12, 40, 52, 108, 124
_KNOWN_HEADERS = frozenset({_CORE_BYTES, _INFO_BYTES, _V2_BYTES, 56, 64, _V4_BYTES, _V5_BYTES})
_OS2_BYTES = 64
_RAW, RLE8, RLE4, _MASKS = 0, 1, 2, 3
_BITS_OF = {RLE8: (8,), RLE4: (4,), _MASKS: (16, 24, 32)}
_END_OF_ROW, _END_OF_PICTURE, _STEP = 0, 1, 2
_START, _USED = 10, 46
_MASKS_BYTES = 12
_DEFAULT_MASKS = {16: (0x7C00, 0x3E0, 0x1F), 32: (0xFF0000, 0xFF00, 0xFF)}
_MOST_PALETTE_BITS = 8
_READ_BITS = frozenset({1, 4, 8, 16, 24, 32})
_ALIGNMENT_BYTES = 4
"""Rows begin at its multiples; some programs align the end of the file so as well, and count that."""
_COLOUR_SPACE = 56
_COLOUR_SPACES = frozenset({b"BGRs", b" niW", b"KNIL", b"DEBM"})
"""Where fields of version 4 tell the kind of colours, and what they say."""


@dataclass(frozen=True, slots=True)
class BmpLayout:
    """What the headers of a BMP file say.

    Attributes:
        header: bytes of the second header.
        palette: entries that the file has room for and its header tells of; 0 from 16 bits on.
        start: where pixels begin.
        gap: bytes between headers and palette on one side and pixels on the other.
        stated: bytes of pixels by the field for them and by that for the size of the file; 0 is no statement.
    """

    header: int
    width: int
    height: int
    planes: int
    bits: int
    compression: int
    palette: int
    start: int
    gap: int
    stated: tuple[int, int]

    @property
    def row_bytes(self) -> int:
        """Bytes of a row that isn't compressed, without what fills it up."""
        return -(-self.width * self.bits // 8)

    @property
    def pixel_bytes(self) -> int:
        """Bytes of all rows, each filled up."""
        return -(-self.row_bytes // _ALIGNMENT_BYTES) * _ALIGNMENT_BYTES * self.height


def check_layout(stream: BinaryIO) -> BmpLayout | None:
    """Refuse a file whose fields contradict one another or its length.

    Args:
        stream: the file; its position moves.

    Returns:
        What its headers say; None where they are of a kind that decoders lack.

    Raises:
        ValueError: they do; the message says which.
        EOFError: it ends before its picture does.
    """
    end = stream.seek(0, 2)
    stream.seek(0)
    head = stream.read(_FILE_HEADER_BYTES + _V5_BYTES)
    if len(head) < _FILE_HEADER_BYTES + _CORE_BYTES:
        raise EOFError
    size = struct.unpack_from("<I", head, _FILE_HEADER_BYTES)[0]
    if size not in _KNOWN_HEADERS:
        return None
    if len(head) < _FILE_HEADER_BYTES + size:
        raise EOFError
    layout = _read(head, size, end)
    is_read = layout.bits in _READ_BITS and layout.compression in (_RAW, RLE8, RLE4, _MASKS)
    if not is_read or (size == _OS2_BYTES and layout.compression > RLE4):
        return None
    _check_kind(layout, head)
    if layout.compression in (_RAW, _MASKS):
        _check_amount(layout, end)
    elif layout.stated[0] > end - layout.start:
        raise EOFError
    return layout


def check_coded_rows(stream: BinaryIO, layout: BmpLayout) -> None:
    """Refuse run lengths whose rows aren't those of the picture: decoders fill up what lacks.

    Raises:
        ValueError: they are longer, all shorter, or more or fewer than the header says.
        EOFError: they end before the picture does.
    """
    row = column = longest = 0
    filled = -(-layout.width // _ALIGNMENT_BYTES) * _ALIGNMENT_BYTES
    stream.seek(layout.start)
    for pixels, rows, ends_row in _codes(stream.read(), layout.compression == RLE4):
        longest = max(longest, column)
        column, row = 0 if ends_row else column + pixels, row + rows
        # ImageMagick writes rows that are filled up, as if they were not compressed.
        if column > filled:
            raise ValueError(f"a row of {column} pixels, and its header says {layout.width}")
        if row > layout.height or (row == layout.height and column):
            raise ValueError(f"more rows than the {layout.height} that its header says")
    rows, longest = row + (column > 0), max(longest, column)
    if rows < layout.height or longest < layout.width:
        raise ValueError(
            f"{rows} rows of at most {longest} pixels, and its header says {layout.height} of {layout.width}"
        )


def with_more_colours(data: bytes, layout: BmpLayout) -> bytes:
    """The file with a palette of 256 colours, the further ones black; as many as bits allow for OS/2 1."""
    is_core = layout.header == _CORE_BYTES
    entries, entry = (1 << layout.bits, 3) if is_core else (max(256, layout.palette), 4)
    behind = layout.start - layout.gap
    more = bytes(entry * (entries - layout.palette))
    edited = bytearray(data[:behind] + more + data[behind:])
    struct.pack_into("<I", edited, _START, layout.start + len(more))
    if not is_core:
        struct.pack_into("<I", edited, _USED, entries)
    return bytes(edited)


def _codes(data: bytes, packed: bool) -> Iterator[tuple[int, int, bool]]:
    """Pixels and rows that each code goes on by, and whether at the start of a row, up to the end."""
    place = 0
    while place + 1 < len(data):
        count, value = data[place], data[place + 1]
        place += 2
        if count:
            yield count, 0, False
        elif value == _END_OF_ROW:
            yield 0, 1, True
        elif value == _END_OF_PICTURE:
            return
        elif value == _STEP:
            if place + 1 < len(data):
                yield data[place], data[place + 1], False
            place += 2
        else:
            length = -(-value // 2) if packed else value
            place += length + length % 2
            if place <= len(data):
                yield value, 0, False
    raise EOFError


def _read(head: bytes, size: int, end: int) -> BmpLayout:
    file_size, start = struct.unpack_from("<I4xI", head, 2)
    if size == _CORE_BYTES:
        width, height, planes, bits = struct.unpack_from("<4H", head, 18)
        compression = stated = used = 0
    else:
        width, height, planes, bits, compression, stated = struct.unpack_from("<IiHHII", head, 18)
        used = struct.unpack_from("<I", head, _USED)[0]
    behind = _FILE_HEADER_BYTES + size
    entry = 3 if size == _CORE_BYTES else 4
    entries = (used or 1 << bits) if bits <= _MOST_PALETTE_BITS else 0
    if entries and start in (0, behind):
        # A common lie; decoders look behind the palette then.
        start = behind + entry * entries
    room = (start or end) - behind
    if entries and room < entry * entries:
        # Some programs for OS/2 write no more colours than they use, and have no field for their number.
        if size != _CORE_BYTES or room < entry or room % entry:
            raise ValueError(f"a palette of {entries} colours lies over its pixels, from byte {start} on")
        entries = room // entry
    behind += entry * entries + (_MASKS_BYTES if compression == _MASKS and size == _INFO_BYTES else 0)
    start = start or behind
    if start < behind:
        raise ValueError(f"its pixels begin at byte {start}, within headers of {behind} bytes")
    if start > end:
        raise EOFError
    said = (stated, max(file_size - start, 0))
    return BmpLayout(
        size, width, abs(height), planes, bits, compression, entries, start, start - behind, said
    )


def _check_kind(layout: BmpLayout, head: bytes) -> None:
    if layout.planes > 1:
        raise ValueError(f"{layout.planes} planes, where all BMP files have one")
    if layout.bits not in _BITS_OF.get(layout.compression, (layout.bits,)):
        raise ValueError(f"{layout.bits} bits a pixel, which its compression {layout.compression} can't hold")
    place = _FILE_HEADER_BYTES + _COLOUR_SPACE
    # The spaces are words, so that no mask or palette is taken for them.
    is_longer = head[place : place + 4] in _COLOUR_SPACES and layout.start >= _FILE_HEADER_BYTES + _V4_BYTES
    is_longer = is_longer and layout.header < _V4_BYTES
    if is_longer or (layout.header == _V4_BYTES and layout.gap == _V5_BYTES - _V4_BYTES):
        raise ValueError(f"a header of {layout.header} bytes with fields of a longer one")
    has_masks = layout.header >= _V2_BYTES and layout.header != _OS2_BYTES
    masks = struct.unpack_from("<3I", head, _FILE_HEADER_BYTES + _INFO_BYTES) if has_masks else ()
    default = _DEFAULT_MASKS.get(layout.bits)
    if layout.compression == _RAW and default and any(masks) and masks != default:
        raise ValueError("masks for its colours, and a compression that has none")


def _check_amount(layout: BmpLayout, end: int) -> None:
    """See that the rows take the bytes that are there, or those that one of the fields tells."""
    needed, there = layout.pixel_bytes, end - layout.start
    # The last row of some is not filled up.
    least = needed if layout.gap else needed - (-layout.row_bytes % _ALIGNMENT_BYTES)
    if there < least:
        raise EOFError
    numbers = [number for number in (*layout.stated, there) if number]
    if not any(least <= number < needed + _ALIGNMENT_BYTES for number in numbers) and any(layout.stated):
        raise ValueError(f"its size takes {needed} bytes of pixels, and there are {there}")
