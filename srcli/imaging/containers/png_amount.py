"""Whether the compressed pixels of a PNG file are as many as its header says (PNG, sections 7.2 and 8.1)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO

from zlib_ng import zlib_ng

from srcli.imaging.containers.png_chunks import SIGNATURE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.imaging.containers.png_file import PngFile

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# Adam7: first column and row of each pass, and the steps between them.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_PIECE_BYTES = 2**18


def unpacked_bytes(file: PngFile) -> int:
    """Bytes of all rows, each behind the number of its filter."""
    height, width = file.size
    passes = _PASSES if file.is_interlaced else ((0, 0, 1, 1),)
    bits = file.depth * _CHANNELS[file.colour_type]
    total = 0
    for left, top, across, down in passes:
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            total += rows * (1 + -(-columns * bits // 8))
    return total


def check_amount(stream: BinaryIO, file: PngFile) -> None:
    """Refuse a file with fewer rows than its header promises, which some decoders make up, or with more.

    Args:
        stream: the file; its position moves.
        file: what its header says.

    Raises:
        EOFError: there are fewer.
        ValueError: there are more.
    """
    left = unpacked_bytes(file)
    unpacking = zlib_ng.decompressobj()
    for piece in _pixels(stream):
        while piece:
            try:
                left -= len(unpacking.decompress(piece, _PIECE_BYTES))
            except zlib_ng.error:  # type: ignore[misc]
                return  # decoders say better what is wrong
            if left < 0:
                raise ValueError("more rows than its header says")
            piece = unpacking.unconsumed_tail
        if unpacking.eof:
            break
    if left and unpacking.eof:
        raise EOFError


def _pixels(stream: BinaryIO) -> Iterator[bytes]:
    """The content of the chunks that hold the picture, piece by piece."""
    position, chunk = len(SIGNATURE), b""
    while chunk != b"IEND":
        stream.seek(position)
        length, chunk = struct.unpack(">I4s", stream.read(8))
        position += 12 + length
        while chunk == b"IDAT" and length:
            piece = stream.read(min(length, _PIECE_BYTES))
            if not piece:
                raise EOFError
            yield piece
            length -= len(piece)
