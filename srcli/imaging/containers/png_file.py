"""A PNG file taken apart: what its header says, and a stream of what a decoder needs (PNG, third edition).

Texts and profiles of any size stand between header and pixels. Decoders have limits of their own for those,
and refuse the picture with them; so they get the file without.
"""

from __future__ import annotations

import io
import struct
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from zlib_ng import zlib_ng

from srcli.core.errors import InputError
from srcli.core.geometry import Size
from srcli.imaging.containers.png_chunks import SIGNATURE
from srcli.imaging.containers.trailer import describe_rest
from srcli.imaging.limits import MOST_FRAMES, PIXEL_CHUNK_BYTES, Allowance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.imaging.containers.png_chunks import Chunk

GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6
"""Colour types."""

_DEPTHS = {
    GREY: (1, 2, 4, 8, 16),
    RGB: (8, 16),
    PALETTE: (1, 2, 4, 8),
    GREY_ALPHA: (8, 16),
    RGB_ALPHA: (8, 16),
}
_TRANSPARENCY_BYTES = {GREY: (2, 2), RGB: (6, 6), PALETTE: (1, 256)}
_PIXELS = frozenset({b"IDAT", b"fdAT"})
_DECODED = _PIXELS | {b"IHDR", b"PLTE", b"tRNS", b"acTL", b"fcTL", b"IEND"}


@dataclass(slots=True)
class PngFile:
    """A file's chunks.

    Attributes:
        chunks: those that hold no pixels, in order.
        spans: first byte, and that behind the last, of the parts of the file that a decoder needs.
        notes: chunks that are damaged, and so are not among ``chunks``.
    """

    chunks: list[Chunk] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=lambda: [(0, len(SIGNATURE))])
    notes: list[str] = field(default_factory=list)
    order: list[bytes] = field(default_factory=list)

    def first(self, name: bytes) -> bytes | None:
        """The data of the first chunk of a name."""
        return next((data for found, data in self.chunks if found == name), None)

    @property
    def _header(self) -> tuple[int, int, int, int, int]:
        width, height, depth, colour_type, _, _, interlace = struct.unpack(">IIBBBBB", self.chunks[0][1])
        return width, height, depth, colour_type, interlace

    @property
    def size(self) -> Size:
        """Height and width in pixels."""
        return Size(self._header[1], self._header[0])

    @property
    def depth(self) -> int:
        """Bits per sample, 1 to 16."""
        return self._header[2]

    @property
    def colour_type(self) -> int:
        """Such as ``PALETTE``."""
        return self._header[3]

    @property
    def is_interlaced(self) -> bool:
        """Whether coarse versions of the picture come first."""
        return bool(self._header[4])

    @property
    def has_alpha(self) -> bool:
        """Whether pixels may be transparent."""
        return self.colour_type in (GREY_ALPHA, RGB_ALPHA) or b"tRNS" in self.order

    @property
    def is_animated(self) -> bool:
        """Whether it has frames."""
        return b"acTL" in self.order


def read_png_file(stream: BinaryIO, name: str) -> PngFile:
    """Take a file apart.

    Raises:
        EOFError: it ends before its last chunk.
        ValueError: what decoders must know of it contradicts itself or its checksums.
        TooMuchError: it has more chunks than any honest file, or larger ones.
        InputError: it is of the kind that only iOS reads.
    """
    file = PngFile()
    end = stream.seek(0, 2)
    beside, pixels = Allowance(), Allowance(2 * MOST_FRAMES + end // PIXEL_CHUNK_BYTES, end, "of pixels")
    position, chunk = len(SIGNATURE), b""
    while chunk != b"IEND":
        stream.seek(position)
        head = stream.read(8)
        if len(head) < 8:
            raise EOFError
        length, chunk = struct.unpack(">I4s", head)
        behind = position + 12 + length
        if behind > end:
            raise EOFError
        if chunk == b"CgBI":
            raise InputError(
                f"cannot read {name}: PNG files made for iOS (CgBI) are not supported",
                hint="save it as an ordinary PNG file first",
            )
        # A control chunk stands before the pixels of each frame.
        (pixels if chunk in _PIXELS or chunk == b"fcTL" else beside).spend(length)
        file.order.append(chunk)
        if chunk in _DECODED:
            file.spans.append((position, behind))
        if chunk not in _PIXELS:
            _take(file, stream, chunk, length)
        position = behind
    _check(file)
    rest = describe_rest(stream, position)
    file.notes += [rest] if rest else []
    return file


def open_decodable(stream: BinaryIO, file: PngFile) -> BinaryIO:
    """The file as a decoder needs it; reading moves the position of ``stream``."""
    return io.BufferedReader(_Spliced(stream, file.spans))


def _take(file: PngFile, stream: BinaryIO, name: bytes, length: int) -> None:
    is_critical = name[:1].isupper()
    data, checksum = stream.read(length), stream.read(4)
    if struct.pack(">I", zlib_ng.crc32(data, zlib_ng.crc32(name))) == checksum:
        file.chunks.append((name, data))
    elif is_critical or name in _DECODED:
        raise ValueError(f"the checksum of its {_printable(name)} chunk is wrong")
    else:
        file.notes.append(f"a damaged {_printable(name)} chunk was dropped")


def _check(file: PngFile) -> None:
    """See that what decoders must know is there, whole and in order."""
    order = file.order
    if order[0] != b"IHDR" or order.count(b"IHDR") > 1 or len(file.chunks[0][1]) != 13:
        raise ValueError("it does not begin with one header")
    if file.depth not in _DEPTHS.get(file.colour_type, ()):
        raise ValueError(f"{file.depth} bits of colour type {file.colour_type}")
    if b"IDAT" not in order:
        raise ValueError("it holds no pixels")
    _check_palette(file, order.index(b"IDAT"))
    transparency = file.first(b"tRNS")
    if transparency is not None:
        least, most = _TRANSPARENCY_BYTES.get(file.colour_type, (0, -1))
        if not least <= len(transparency) <= most or order.index(b"tRNS") > order.index(b"IDAT"):
            raise ValueError("transparency of another kind than its colours")


def _check_palette(file: PngFile, pixels: int) -> None:
    palette = file.first(b"PLTE")
    if palette is None:
        if file.colour_type == PALETTE:
            raise ValueError("its palette is missing")
        return
    if file.order.index(b"PLTE") > pixels:
        raise ValueError("its palette comes behind its pixels")
    if len(palette) % 3 or not 3 <= len(palette) <= 768 or file.colour_type in (GREY, GREY_ALPHA):
        raise ValueError(f"a palette of {len(palette)} bytes for colour type {file.colour_type}")


def _printable(name: bytes) -> str:
    return name.decode("latin-1") if name.isalpha() else name.hex()


class _Spliced(io.RawIOBase):
    """Parts of a stream, read as one."""

    def __init__(self, stream: BinaryIO, spans: list[tuple[int, int]]) -> None:
        self._stream = stream
        self._spans = spans
        self._starts = list(self._positions())
        self._end = self._starts.pop()
        self._position = 0

    def _positions(self) -> Iterator[int]:
        """Where each part begins, and where the last ends, in what is read."""
        position = 0
        for start, end in self._spans:
            yield position
            position += end - start
        yield position

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._end}[whence]
        self._position = origin + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if self._position >= self._end:
            return 0
        index = bisect_right(self._starts, self._position) - 1
        start, end = self._spans[index]
        place = start + self._position - self._starts[index]
        self._stream.seek(place)
        data = self._stream.read(min(len(buffer), end - place))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)
