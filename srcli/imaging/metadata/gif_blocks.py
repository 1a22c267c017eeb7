"""The extension blocks of a GIF file that hold metadata (GIF89a; XMP Specification, part 3, 1.1.2)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from srcli.imaging.containers.gif_file import APPLICATION, COMMENT
from srcli.imaging.picture import Metadata, Text

if TYPE_CHECKING:
    from srcli.imaging.containers.gif_file import GifFile

_XMP, _ICC = b"XMP DataXMP", b"ICCRGBG1012"
# A reader that takes a packet for sub-blocks jumps from any byte of it into this, and on to its end.
_XMP_TRAILER = b"\1" + bytes(range(255, -1, -1)) + b"\0"
_ASPECT_UNIT, _ASPECT_OFFSET = 64, 15


def metadata_of_gif(file: GifFile) -> Metadata:
    """Colour profile, comments, XMP data and the shape of pixels."""
    comments, packet, icc = [], None, None
    for kind, body in file.extensions:
        if kind == COMMENT:
            comments.append(Text.of_comment(_joined(body)))
        elif kind == APPLICATION and body[1:12] == _XMP:
            packet = packet or body[12:].removesuffix(_XMP_TRAILER[:-1]).removesuffix(_XMP_TRAILER) or None
        elif kind == APPLICATION and body[1:12] == _ICC:
            icc = icc or _joined(body[12:]) or None
    return Metadata(
        icc=icc,
        xmp=packet,
        text=tuple(comment for comment in comments if comment.value),
        aspect=(float(_ASPECT_UNIT), float(file.aspect + _ASPECT_OFFSET)) if file.aspect else None,
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


def _joined(body: bytes) -> bytes:
    parts, position = [], 0
    while position < len(body):
        parts.append(body[position + 1 : position + 1 + body[position]])
        position += 1 + body[position]
    return b"".join(parts)


def _sub_blocks(data: bytes) -> bytes:
    parts = (data[start : start + 255] for start in range(0, len(data), 255))
    return b"".join(struct.pack("B", len(part)) + part for part in parts) + b"\0"
