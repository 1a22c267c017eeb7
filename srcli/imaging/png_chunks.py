"""The chunks that a PNG file is made of (PNG, third edition, section 5)."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from zlib_ng import zlib_ng

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Chunk: TypeAlias = tuple[bytes, bytes]
"""A chunk's four-letter name and its data."""

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOUR_CHUNKS = frozenset({b"gAMA", b"cHRM", b"sRGB", b"cICP", b"mDCV", b"mDCv", b"cLLI", b"cLLi"})
"""Chunks that say what the samples mean."""

_PIXELS = frozenset({b"IDAT", b"fdAT"})
_TEXT_LIMIT_BYTES = 2**20


def read_chunks(stream: BinaryIO) -> Iterator[Chunk]:
    """All chunks of a file but those that hold pixels.

    Raises:
        EOFError: the file ends before its last chunk.
    """
    end = stream.seek(0, 2)
    stream.seek(len(SIGNATURE))
    name = b""
    while name != b"IEND":
        head = stream.read(8)
        if len(head) < 8:
            raise EOFError
        length, name = struct.unpack(">I4s", head)
        if stream.tell() + length + 4 > end:
            raise EOFError
        if name in _PIXELS:
            stream.seek(length + 4, 1)
        else:
            yield name, stream.read(length)
            stream.seek(4, 1)


def build_chunk(name: bytes, data: bytes) -> bytes:
    """A chunk with its length and its checksum."""
    checksum = zlib_ng.crc32(data, zlib_ng.crc32(name))
    return b"".join((struct.pack(">I", len(data)), name, data, struct.pack(">I", checksum)))


def insert_chunks(png: bytes, chunks: Iterable[Chunk]) -> bytes:
    """The header and the pixels of a PNG file with these chunks between them, and no others."""
    header, *pixels = _critical_chunks(png)
    added = (build_chunk(name, data) for name, data in chunks)
    return b"".join((SIGNATURE, header, *added, *pixels))


def pixel_data(png: bytes) -> bytes:
    """The compressed pixels of a PNG file: its IDAT chunks without their frames."""
    return b"".join(chunk[8:-4] for chunk in _critical_chunks(png) if chunk[4:8] == b"IDAT")


def _critical_chunks(png: bytes) -> Iterator[bytes]:
    """The chunks of an encoded file that a decoder must know, whole: IHDR, IDAT and IEND."""
    position = len(SIGNATURE)
    while position < len(png):
        length, name = struct.unpack_from(">I4s", png, position)
        end = position + length + 12
        if name[:1].isupper():
            yield png[position:end]
        position = end


def unpack_text(name: bytes, data: bytes) -> tuple[str, str]:
    """Keyword and text of a tEXt, zTXt or iTXt chunk.

    Raises:
        ValueError, zlib.error: the chunk is damaged, or unfolds to more than a mebibyte.
    """
    keyword, _, rest = data.partition(b"\0")
    if name == b"tEXt":
        return keyword.decode("latin-1"), rest.decode("latin-1")
    if name == b"zTXt":
        return keyword.decode("latin-1"), inflate(rest[1:]).decode("latin-1")
    compressed, rest = rest[:1] == b"\1", rest[2:]
    text = rest.split(b"\0", 2)[2]
    return keyword.decode("latin-1"), (inflate(text) if compressed else text).decode("utf-8")


def pack_text(keyword: str, text: str) -> Chunk:
    """A tEXt chunk, or an iTXt chunk where Latin-1 can't hold the text."""
    name = keyword.encode("latin-1", "replace")[:79]
    try:
        return b"tEXt", name + b"\0" + text.encode("latin-1")
    except UnicodeEncodeError:
        return b"iTXt", name + b"\0\0\0\0\0" + text.encode("utf-8", "replace")


def inflate(data: bytes) -> bytes:
    """Unpack what zlib packed, up to a mebibyte: a few bytes can stand for gigabytes.

    Raises:
        ValueError: it holds more.
    """
    unpacker = zlib.decompressobj()
    unpacked = unpacker.decompress(data, _TEXT_LIMIT_BYTES)
    if unpacker.unconsumed_tail:
        raise ValueError("a compressed chunk unfolds to more than a mebibyte")
    return unpacked
