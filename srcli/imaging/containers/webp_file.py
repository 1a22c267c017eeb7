"""A WebP file taken apart into its chunks (RFC 9649), and the headers of lossy frames (RFC 6386, 9.1)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from srcli.core.geometry import Size
from srcli.imaging.limits import Allowance

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIXELS = frozenset({b"VP8 ", b"VP8L", b"ALPH", b"ANMF"})
_KNOWN = _PIXELS | {b"VP8X", b"ANIM", b"ICCP", b"EXIF", b"XMP "}
_PICTURES = _PIXELS - {b"ALPH"}
_RIFF_BYTES, _HEAD_BYTES = 12, 8
_FRAME_BYTES, _CANVAS_BYTES, _LOSSY_BYTES, _LOSSLESS_BYTES = 16, 10, 10, 5
_HAS_ALPHA, _IS_ANIMATED = 0x10, 0x02
_START_CODE, _LOSSLESS_MARK = b"\x9d\x01\x2a", 0x2F
_SIDE = 0x3FFF


class Chunk(NamedTuple):
    """Where a chunk's data stands."""

    name: bytes
    start: int
    length: int


@dataclass(slots=True)
class WebpFile:
    """A file's chunks.

    Attributes:
        end: behind its last chunk, as its header says.
        chunks: those that hold no pixels, in order.
        lossy: the frames that are compressed with loss.
        is_lossless: whether the first picture is compressed without loss.
        notes: what is odd about it.
    """

    end: int
    chunks: list[Chunk] = field(default_factory=list)
    lossy: list[Chunk] = field(default_factory=list)
    is_lossless: bool = False
    notes: list[str] = field(default_factory=list)


def read_webp_file(data: bytes) -> WebpFile:
    """Take a file apart.

    Raises:
        EOFError: it ends before its last chunk.
        ValueError: chunks are longer than what holds them, or say other sizes or kinds than one another.
        TooMuchError: there are more chunks than in any honest file, or they are larger.
    """
    file, beside = WebpFile(int.from_bytes(data[4:8], "little") + _HEAD_BYTES), Allowance()
    if file.end > len(data):
        # libwebp says no more than that it can't make a decoder.
        raise EOFError
    parts = list(_chunks(data, _RIFF_BYTES, file.end, "file"))
    frames = [_take(file, data, chunk) for chunk in parts if chunk.name in _PICTURES]
    file.chunks = [chunk for chunk in parts if chunk.name not in _PIXELS]
    for chunk in file.chunks:
        beside.spend(chunk.length)
    _check_header(file, data, parts, frames)
    unknown = sorted({chunk.name.decode("latin-1").strip() for chunk in parts if chunk.name not in _KNOWN})
    if unknown:
        file.notes.append(f"unknown WebP chunks were dropped: {', '.join(unknown)}")
    return file


def _chunks(data: bytes, place: int, end: int, holder: str) -> Iterator[Chunk]:
    while place + _HEAD_BYTES <= end:
        name, length = struct.unpack_from("<4sI", data, place)
        place += _HEAD_BYTES
        if place + length > end:
            raise ValueError(
                f"a chunk of {length} bytes, and {end - place} are left in the {holder} that holds it"
            )
        yield Chunk(name, place, length)
        place += length + length % 2


def _take(file: WebpFile, data: bytes, chunk: Chunk) -> Size:
    """Take a picture, or a frame of an animation, and tell how far it reaches."""
    return (_take_frame if chunk.name == b"ANMF" else _take_picture)(file, data, chunk)


def _take_frame(file: WebpFile, data: bytes, chunk: Chunk) -> Size:
    if chunk.length < _FRAME_BYTES:
        raise ValueError(f"a frame of {chunk.length} bytes")
    left, top, width, height = (_three(data, chunk.start + 3 * index) for index in range(4))
    size, inside = Size(height + 1, width + 1), chunk.start + _FRAME_BYTES
    pictures = [
        part
        for part in _chunks(data, inside, chunk.start + chunk.length, "frame")
        if part.name in (b"VP8 ", b"VP8L")
    ]
    if len(pictures) != 1:
        raise ValueError(f"a frame of {len(pictures)} pictures")
    found = _take_picture(file, data, pictures[0])
    if found != size:
        raise ValueError(f"a picture of {found} in a frame of {size}")
    return Size(2 * top + size.height, 2 * left + size.width)


def _take_picture(file: WebpFile, data: bytes, chunk: Chunk) -> Size:
    is_first = not (file.lossy or file.is_lossless)
    if chunk.name == b"VP8 ":
        file.lossy.append(chunk)
        return _lossy_size(data, chunk)
    file.is_lossless |= is_first
    if chunk.length < _LOSSLESS_BYTES or data[chunk.start] != _LOSSLESS_MARK:
        raise ValueError("a picture without its first bytes")
    sides = int.from_bytes(data[chunk.start + 1 : chunk.start + 5], "little")
    return Size((sides >> 14 & _SIDE) + 1, (sides & _SIDE) + 1)


def _lossy_size(data: bytes, chunk: Chunk) -> Size:
    head = data[chunk.start : chunk.start + min(_LOSSY_BYTES, chunk.length)]
    if len(head) < _LOSSY_BYTES or head[3:6] != _START_CODE:
        raise ValueError("a picture without its first bytes")
    modes = _three(head, 0) >> 5
    if modes > chunk.length - _LOSSY_BYTES:
        raise ValueError(f"a first partition of {modes} bytes in a picture of {chunk.length - _LOSSY_BYTES}")
    width, height = struct.unpack_from("<HH", head, 6)
    return Size(height & _SIDE, width & _SIDE)


def _check_header(file: WebpFile, data: bytes, parts: list[Chunk], frames: list[Size]) -> None:
    """See that an opacity and frames are announced where there are such: decoders pass over them else."""
    header = next((chunk for chunk in parts if chunk.name == b"VP8X"), None)
    if header is None:
        return
    if header.length < _CANVAS_BYTES:
        raise ValueError(f"a header of {header.length} bytes")
    flags, names = data[header.start], {chunk.name for chunk in parts}
    for flag, name, what in ((_HAS_ALPHA, b"ALPH", "opacity"), (_IS_ANIMATED, b"ANMF", "frames")):
        if name in names and not flags & flag:
            raise ValueError(f"it holds {what}, and its header says that it does not")
    canvas = Size(_three(data, header.start + 7) + 1, _three(data, header.start + 4) + 1)
    if frames and (reach := Size(*map(max, zip(*frames, strict=True)))) != canvas:
        file.notes.append(f"its canvas of {canvas} is filled up to {reach} by no frame")


def _three(data: bytes, place: int) -> int:
    return int.from_bytes(data[place : place + 3], "little")
