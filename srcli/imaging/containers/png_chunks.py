"""The chunks that a PNG file is made of (PNG, third edition, section 5)."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, TypeAlias

from zlib_ng import zlib_ng

from srcli.imaging.limits import MAX_UNFOLDED_BYTES, TooMuchError
from srcli.imaging.picture import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Chunk: TypeAlias = tuple[bytes, bytes]
"""A chunk's four-letter name and its data."""

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOUR_CHUNKS = frozenset({b"gAMA", b"cHRM", b"sRGB", b"cICP", b"mDCV", b"mDCv", b"cLLI", b"cLLi"})
"""Chunks that say what the samples mean."""

MAX_CHUNK_UNFOLDED_BYTES = 2**24
"""What one compressed text or profile may unfold to; larger ones are left out."""

_COMPRESSED_BYTES = 1024
"""Texts longer than this are compressed (PNG, third edition, section 11.3.3.1)."""


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


def unpack_text(name: bytes, data: bytes, unpacker: Unpacker) -> Text:
    """The text of a tEXt, zTXt or iTXt chunk.

    Raises:
        TooLargeError: it unfolds to more than 16 mebibytes.
        TooMuchError: the file unfolds to more than it may.
        ValueError, zlib.error: it is damaged.
    """
    head, _, rest = data.partition(b"\0")
    keyword = head.decode("latin-1")
    if name == b"tEXt":
        return Text(keyword, rest.decode("latin-1"), "latin-1")
    if name == b"zTXt":
        return Text(keyword, unpacker.inflate(rest[1:]).decode("latin-1"), "latin-1")
    language, translated, text = rest[2:].split(b"\0", 2)
    return Text(
        keyword,
        (unpacker.inflate(text) if rest[:1] == b"\1" else text).decode("utf-8", "surrogateescape"),
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


class TooLargeError(ValueError):
    """A few bytes that stand for more than any text or profile has."""


class Unpacker:
    """Unpacks the compressed chunks of one file, of which a few bytes can stand for gigabytes."""

    def __init__(self) -> None:
        self._left = MAX_UNFOLDED_BYTES

    def inflate(self, data: bytes) -> bytes:
        """Unpack what zlib packed.

        Raises:
            TooLargeError: it holds more than 16 mebibytes.
            TooMuchError: it and what was unpacked before hold more than 64 mebibytes.
            ValueError, zlib.error: it is damaged.
        """
        unpacker = zlib.decompressobj()
        unpacked = unpacker.decompress(data, min(MAX_CHUNK_UNFOLDED_BYTES, self._left) + 1)
        self._left -= len(unpacked)
        if self._left < 0:
            raise TooMuchError(f"its texts unfold to more than {MAX_UNFOLDED_BYTES >> 20} MiB")
        if len(unpacked) > MAX_CHUNK_UNFOLDED_BYTES:
            raise TooLargeError(f"it unfolds to more than {MAX_CHUNK_UNFOLDED_BYTES >> 20} mebibytes")
        if not unpacker.eof:
            raise ValueError("compressed data that ends early")
        return unpacked
