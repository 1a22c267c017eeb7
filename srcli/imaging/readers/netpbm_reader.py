"""Netpbm files: of 16 bits, which Pillow narrows, by srcli itself, all others through Pillow."""

from __future__ import annotations

import math
import re
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import numpy as np

from srcli.core.geometry import Size
from srcli.imaging.containers.sniff import sniff_format
from srcli.imaging.containers.trailer import describe_rest, head_of_rest
from srcli.imaging.limits import check_size
from srcli.imaging.picture import Frame, Metadata, Mode, PictureInfo, Text
from srcli.imaging.readers.pillow_reader import collect_from_info, read_with_pillow
from srcli.imaging.readers.source import Origin, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.imaging.pixels.samples import Samples

_GAP = rb"(?:\s|#[^\n\r]*[\n\r])+"
_LAST_GAP = rb"(?:#[^\n\r]*[\n\r]|\s)"
_HEADER = re.compile(
    rb"P(?:([14])|([2356]))" + _GAP + rb"(\d+)" + _GAP + rb"(\d+)(?(2)" + _GAP + rb"(\d+))" + _LAST_GAP
)
_TEXTS = re.compile(rb"P[1-6](?:\s+|#[^\n\r]*[\n\r]|\d+)+")
_HEADER_BYTES = 65536
_PIECE_BYTES = 2**24
_BITMAP = 4
"""The first of the binary kinds."""
_BYTE_PEAK, _HIGHEST_PEAK = 255, 65535


class _Header(NamedTuple):
    """What a file says of itself: P and ``kind``, its size, the highest value, and where pixels begin."""

    kind: int
    size: Size
    peak: int
    start: int

    @property
    def is_binary(self) -> bool:
        return self.kind >= _BITMAP

    @property
    def is_wide(self) -> bool:
        """Whether samples have more than 8 bits."""
        return self.peak > _BYTE_PEAK

    @property
    def row_samples(self) -> int:
        return self.size.width * (3 if self.kind in (3, 6) else 1)

    @property
    def row_bytes(self) -> int:
        """Of a binary file."""
        if self.kind == _BITMAP:
            return -(-self.row_samples // 8)
        return self.row_samples * (2 if self.is_wide else 1)


def read_netpbm(origin: Origin) -> Source:
    """Read the header of a Netpbm file."""
    origin.stream.seek(0)
    head = origin.stream.read(_HEADER_BYTES)
    metadata, header = _metadata(head), _header(head)
    rest = _check_amount(origin, header) if header and header.is_binary else None
    if header and header.is_wide:
        source = _read_wide(origin, header, metadata)
    else:
        source = read_with_pillow(
            origin, "PPM", lambda image: collect_from_info(image, metadata), lossless=True
        )
    # Of a file without a whole header, Pillow says what is wrong.
    return source.behind(partial(_check_samples, origin, header)).noted(rest) if header else source


def _header(head: bytes) -> _Header | None:
    found = _HEADER.match(head)
    if found is None:
        return None
    kind = int(found[1] or found[2])
    return _Header(kind, Size(int(found[4]), int(found[3])), int(found[5] or 1), found.end())


def _check_amount(origin: Origin, header: _Header) -> str | None:
    """Refuse a binary file with another amount of pixels than its header says; a note on what follows them.

    Raises:
        EOFError: there are fewer.
        ValueError: there are more, by a row or several; other pictures may follow.
    """
    needed = header.row_bytes * header.size.height
    end = header.start + needed
    if origin.size_bytes < end:
        raise EOFError
    head = head_of_rest(origin.stream, end)
    if head and origin.size_bytes - end >= header.row_bytes and not sniff_format(head):
        raise ValueError(
            f"its size takes {needed} bytes of pixels, and there are {origin.size_bytes - header.start}"
        )
    return describe_rest(origin.stream, end)


def _check_samples(origin: Origin, header: _Header) -> None:
    """Refuse a file with more samples than its size takes, or with such that its header rules out."""
    origin.stream.seek(header.start)
    if not header.is_binary:
        _check_words(origin.stream.read(), header)
    elif header.kind != _BITMAP and header.peak < _BYTE_PEAK:
        _check_peaks(origin.stream, header)


def _check_words(data: bytes, header: _Header) -> None:
    """Refuse a file with more samples, in digits, than its size takes; decoders say where some lack."""
    data = re.sub(rb"#[^\n\r]*", b" ", data) if b"#" in data else data
    digits = (np.frombuffer(data, np.uint8) & 0xF0) == ord("0")
    # Bits need no space between them.
    words = digits.sum() if header.kind == 1 else np.count_nonzero(np.diff(digits, prepend=False) & digits)
    needed = header.row_samples * header.size.height
    if words > needed:
        raise ValueError(f"its size takes {needed} samples, and there are {words}")


def _check_peaks(stream: BinaryIO, header: _Header) -> None:
    """Look at all samples of 8 bits."""
    left = header.row_bytes * header.size.height
    while left > 0:
        data = stream.read(min(left, _PIECE_BYTES))
        if not data:
            raise EOFError
        left -= len(data)
        _check_peak(max(data), header)


def _check_peak(highest: int, header: _Header) -> None:
    """Refuse a sample above the highest value that the header states."""
    if highest > header.peak:
        raise ValueError(f"a sample of {highest}, and its header says that {header.peak} is the highest")


def _read_wide(origin: Origin, header: _Header, metadata: Metadata) -> Source:
    """Read a file with more than 8 bits per sample."""
    if header.peak > _HIGHEST_PEAK:
        raise ValueError("a Netpbm header with an impossible highest value")
    check_size(header.size, origin.max_pixels, origin.name)
    mode = Mode.GREY if header.kind in (2, 5) else Mode.RGB
    info = PictureInfo("PPM", header.size, mode, 16, False, 1, None, True, metadata)
    return Source(info, partial(_frames, origin, info, header))


def _metadata(head: bytes) -> Metadata:
    """The comments in the header, one a line.

    Raises:
        ValueError: it does not end within 64 KiB.
    """
    if len(head) == _HEADER_BYTES and not _HEADER.match(head):
        # Pillow would read on, byte by byte.
        raise ValueError(f"a header that does not end within {_HEADER_BYTES >> 10} KiB")
    header = _TEXTS.match(head)
    lines = re.findall(rb"#([^\n\r]*)", header[0]) if header else []
    return Metadata(text=tuple(Text.of_comment(line.removeprefix(b" ")) for line in lines if line.strip()))


def _frames(origin: Origin, info: PictureInfo, header: _Header) -> Iterator[Frame]:
    shape = (*info.size, info.mode.channels)
    read = _read_binary if header.is_binary else _read_plain
    origin.stream.seek(header.start)
    values = read(origin.stream, math.prod(shape)).reshape(shape)
    _check_peak(int(values.max()), header)
    yield Frame(values.astype(np.float32) / np.float32(header.peak), None)


def _read_binary(stream: BinaryIO, count: int) -> Samples:
    data = stream.read(2 * count)
    if len(data) < 2 * count:
        raise EOFError
    return np.frombuffer(data, ">u2")


def _read_plain(stream: BinaryIO, count: int) -> Samples:
    """Numbers in decimal digits, with comments between them."""
    words = re.sub(rb"#[^\n\r]*", b"", stream.read()).split()
    if len(words) < count:
        raise EOFError
    return np.array([int(word) for word in words[:count]], np.uint32)
