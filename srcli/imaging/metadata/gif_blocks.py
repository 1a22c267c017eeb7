"""The extension blocks of a GIF file that hold metadata (GIF89a; XMP Specification, part 3, 1.1.2)."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

from srcli.core.geometry import Size
from srcli.imaging.limits import MAX_FILL_BYTES, Allowance, TooMuchError, check_frames
from srcli.imaging.picture import Metadata, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

_IMAGE, _EXTENSION, _COMMENT, _APPLICATION, _CONTROL = b",", b"!", 0xFE, 0xFF, 0xF9
_END = b";"
_XMP, _ICC = b"XMP DataXMP", b"ICCRGBG1012"
# A reader that takes a packet for sub-blocks jumps from any byte of it into this, and on to its end.
_XMP_TRAILER = b"\1" + bytes(range(255, -1, -1)) + b"\0"
_PLACE = struct.Struct("<4H")
_MOST_GROWTH, _SMALL_PIXELS = 4, 2**22
_ASPECT_UNIT, _ASPECT_OFFSET = 64, 15


# What stands between two blocks is passed over, as Pillow does.
_BLOCK = re.compile(rb"[,!;]")


def metadata_of_gif(data: bytes) -> Metadata:
    """Colour profile, comments, XMP data and the shape of pixels, as far as the file is whole.

    Raises:
        TooMuchError: there are more extensions than in any honest file, or more frames.
    """
    comments, packet, icc = [], None, None
    for kind, body in _extensions(data):
        if kind == _COMMENT:
            comments.append(Text.of_comment(_joined(body)))
        elif kind == _APPLICATION and body[1:12] == _XMP:
            packet = packet or body[12:].removesuffix(_XMP_TRAILER[:-1]).removesuffix(_XMP_TRAILER) or None
        elif kind == _APPLICATION and body[1:12] == _ICC:
            icc = icc or _joined(body[12:]) or None
    aspect = data[12] if len(data) > 12 else 0
    return Metadata(
        icc=icc,
        xmp=packet,
        text=tuple(comment for comment in comments if comment.value),
        aspect=(float(_ASPECT_UNIT), float(aspect + _ASPECT_OFFSET)) if aspect else None,
    )


def blocks_of_metadata(metadata: Metadata) -> bytes:
    """The extension blocks that hold comments and XMP data."""
    blocks = [b"!\xfe" + _sub_blocks(text.data) for text in metadata.text if text.value]
    if metadata.xmp:
        blocks.append(b"!\xff\x0b" + _XMP + metadata.xmp + _XMP_TRAILER)
    return b"".join(blocks)


def aspect_byte(metadata: Metadata) -> int:
    """How wide pixels are for their height, as a header says it; 0 where it says nothing."""
    if metadata.aspect is None:
        return 0
    across, down = metadata.aspect
    return min(max(round(_ASPECT_UNIT * down / across) - _ASPECT_OFFSET, 1), 255)


def _extensions(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and sub-blocks, lengths included and the last empty one not, of each extension."""
    if len(data) < 13:
        return
    position = 13 + _palette_bytes(data[10])
    beside, frames = Allowance(), 0
    fill = Allowance(len(data), MAX_FILL_BYTES, "of fill bytes")
    while (found := _BLOCK.search(data, position)) and found[0] != _END:
        fill.spend(found.start() - position)
        mark, position = found[0], found.start()
        if mark == _EXTENSION:
            start = position + 2
            end = _end_of_sub_blocks(data, start)
            # One stands before each frame, and says for how long that is shown.
            beside.spend(end - start, parts=data[position + 1] != _CONTROL)
            yield data[position + 1], data[start : end - 1]
        else:
            frames += 1
            check_frames(Size(1, 1), frames)
            _check_place(data[6:10], data[position + 1 : position + 9])
            flags = data[position + 9] if position + 9 < len(data) else 0
            end = _end_of_sub_blocks(data, position + 11 + _palette_bytes(flags))
        position = end


def _check_place(canvas: bytes, place: bytes) -> None:
    """Refuse a frame for which Pillow would enlarge the canvas to many times its size.

    Raises:
        TooMuchError: it reaches that far.
    """
    if len(place) < _PLACE.size:
        return
    width, height = struct.unpack("<2H", canvas)
    left, top, across, down = _PLACE.unpack(place)
    reach = Size(max(height, top + down), max(width, left + across))
    if reach.pixels > max(_MOST_GROWTH * width * height, _SMALL_PIXELS):
        raise TooMuchError(f"a frame reaches to {reach}, far beyond its canvas of {Size(height, width)}")


def _palette_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _end_of_sub_blocks(data: bytes, position: int) -> int:
    while position < len(data) and data[position]:
        position += 1 + data[position]
    return position + 1


def _joined(body: bytes) -> bytes:
    parts, position = [], 0
    while position < len(body):
        parts.append(body[position + 1 : position + 1 + body[position]])
        position += 1 + body[position]
    return b"".join(parts)


def _sub_blocks(data: bytes) -> bytes:
    parts = (data[start : start + 255] for start in range(0, len(data), 255))
    return b"".join(struct.pack("B", len(part)) + part for part in parts) + b"\0"
