"""The chunks that a PNG file is made of (PNG, third edition, section 5)."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from zlib_ng import zlib_ng

from srcli.imaging.limits import MOST_PARTS, PIXEL_CHUNK_BYTES, Allowance
from srcli.imaging.picture import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Chunk: TypeAlias = tuple[bytes, bytes]
"""A chunk's four-letter name and its data."""

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOUR_CHUNKS = frozenset({b"gAMA", b"cHRM", b"sRGB", b"cICP", b"mDCV", b"mDCv", b"cLLI", b"cLLi"})
"""Chunks that say what the samples mean."""

_PIXELS = frozenset({b"IDAT", b"fdAT"})
_COMPRESSED = frozenset({b"zTXt", b"iTXt", b"iCCP"})
_TEXT_LIMIT_BYTES = 2**20
_DEFLATE_FACTOR = 1032
_COMPRESSED_BYTES = 1024
"""Texts longer than this are compressed (PNG, third edition, section 11.3.3.1)."""


def read_chunks(stream: BinaryIO) -> Iterator[Chunk]:
    """All chunks of a file but those that hold pixels.

    Raises:
        EOFError: the file ends before its last chunk.
        TooMuchError: there are more of them than in any honest file, or they are larger.
    """
    end = stream.seek(0, 2)
    stream.seek(len(SIGNATURE))
    name = b""
    beside, pixels = Allowance(), Allowance(MOST_PARTS + end // PIXEL_CHUNK_BYTES, end, "of pixels")
    while name != b"IEND":
        head = stream.read(8)
        if len(head) < 8:
            raise EOFError
        length, name = struct.unpack(">I4s", head)
        if stream.tell() + length + 4 > end:
            raise EOFError
        (pixels if name in _PIXELS else beside).spend(length)
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


def without_exif(png: bytes) -> bytes:
    """A file without its EXIF data."""
    return SIGNATURE + b"".join(chunk for chunk in _whole_chunks(png) if chunk[4:8] != b"eXIf")


def _critical_chunks(png: bytes) -> Iterator[bytes]:
    """The chunks of an encoded file that a decoder must know, whole: IHDR, IDAT and IEND."""
    return (chunk for chunk in _whole_chunks(png) if chunk[4:5].isupper())


def _whole_chunks(png: bytes) -> Iterator[bytes]:
    """The chunks of a file with their frames."""
    position = len(SIGNATURE)
    while position + 8 <= len(png):
        end = position + int.from_bytes(png[position : position + 4], "big") + 12
        yield png[position:end]
        position = end


def unpack_text(name: bytes, data: bytes) -> Text:
    """The text of a tEXt, zTXt or iTXt chunk.

    Raises:
        ValueError, zlib.error: the chunk is damaged, or unfolds to more than a mebibyte.
    """
    head, _, rest = data.partition(b"\0")
    keyword = head.decode("latin-1")
    if name == b"tEXt":
        return Text(keyword, rest.decode("latin-1"), "latin-1")
    if name == b"zTXt":
        return Text(keyword, inflate(rest[1:]).decode("latin-1"), "latin-1")
    language, translated, text = rest[2:].split(b"\0", 2)
    return Text(
        keyword,
        (inflate(text) if rest[:1] == b"\1" else text).decode("utf-8", "surrogateescape"),
        language=language.decode("latin-1"),
        translated=translated.decode("utf-8", "surrogateescape"),
    )


def pack_text(text: Text) -> Chunk:
    """A tEXt or zTXt chunk of Latin-1 text, an iTXt chunk of any other; long ones are compressed."""
    keyword = text.keyword.encode("latin-1", "replace")[:79] + b"\0"
    international = (
        text.language or text.translated or not (text.encoding == "latin-1" or text.value.isascii())
    )
    # No text of a PNG file holds a zero byte, which comments of other formats may end with.
    value = text.value.replace("\0", "").encode("utf-8" if international else "latin-1", "surrogateescape")
    long = len(value) > _COMPRESSED_BYTES
    value = zlib.compress(value) if long else value
    if not international:
        return (b"zTXt", keyword + b"\0" + value) if long else (b"tEXt", keyword + value)
    translated = text.translated.encode("utf-8", "surrogateescape")
    return b"iTXt", b"".join(
        (keyword, bytes([long, 0]), text.language.encode("latin-1"), b"\0", translated, b"\0", value)
    )


def most_unfolded(chunks: Iterable[Chunk]) -> int:
    """The most bytes that compressed chunks can unfold to: deflate packs by a factor of 1032 at most."""
    packed = (len(data) for name, data in chunks if name in _COMPRESSED)
    return sum(min(_TEXT_LIMIT_BYTES, _DEFLATE_FACTOR * size) for size in packed)


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
