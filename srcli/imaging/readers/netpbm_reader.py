"""Netpbm files of 16 bits, which Pillow narrows, and what the headers of all others say."""

from __future__ import annotations

import math
import re
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from srcli.core.geometry import Size
from srcli.imaging.limits import check_size
from srcli.imaging.picture import Frame, Metadata, Mode, PictureInfo, Text
from srcli.imaging.readers.source import Origin, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.imaging.pixels.samples import Samples

_GAP = rb"(?:\s|#[^\n\r]*[\n\r])+"
_HEADER = re.compile(
    rb"P([2356])" + _GAP + rb"(\d+)" + _GAP + rb"(\d+)" + _GAP + rb"(\d+)(?:#[^\n\r]*[\n\r]|\s)"
)
_WHOLE_HEADER = re.compile(rb"P(?:[14]|[2356]" + _GAP + rb"\d+)(?:" + _GAP + rb"\d+){2}[\s#]")
_TEXTS = re.compile(rb"P[1-6](?:\s+|#[^\n\r]*[\n\r]|\d+)+")
_HEADER_BYTES = 65536


def is_wide_netpbm(origin: Origin) -> bool:
    """Whether a file is a Netpbm file, but no bitmap, with more than 8 bits per sample."""
    header = _HEADER.match(_head(origin))
    return header is not None and int(header[4]) > 255


def read_wide_netpbm(origin: Origin) -> Source:
    """Read the header of a Netpbm file with more than 8 bits per sample.

    Raises:
        ValueError: it has none.
    """
    header = _HEADER.match(_head(origin))
    if header is None or not 255 < int(header[4]) < 65536:
        raise ValueError("a Netpbm header with an impossible highest value")
    size = Size(int(header[3]), int(header[2]))
    check_size(size, origin.max_pixels, origin.name)
    mode = Mode.GREY if header[1] in b"25" else Mode.RGB
    info = PictureInfo("PPM", size, mode, 16, False, 1, None, True, metadata_of_netpbm(origin))
    return Source(info, partial(_frames, origin, info, header))


def metadata_of_netpbm(origin: Origin) -> Metadata:
    """The comments in the header of a Netpbm file, one a line.

    Raises:
        ValueError: it does not end within 64 KiB.
    """
    head = _head(origin)
    if len(head) == _HEADER_BYTES and not _WHOLE_HEADER.match(head):
        # Pillow would read on, byte by byte.
        raise ValueError(f"a header that does not end within {_HEADER_BYTES >> 10} KiB")
    header = _TEXTS.match(head)
    lines = re.findall(rb"#([^\n\r]*)", header[0]) if header else []
    return Metadata(text=tuple(Text.of_comment(line.removeprefix(b" ")) for line in lines if line.strip()))


def end_of_netpbm(origin: Origin) -> int | None:
    """Where the pixels of a binary file end; None for plain ones, whose samples are words."""
    header = _HEADER.match(_head(origin))
    if header is None or header[1] not in b"56":
        return None
    channels, sample = 3 if header[1] == b"6" else 1, 2 if int(header[4]) > 255 else 1
    return header.end() + int(header[2]) * int(header[3]) * channels * sample


def _head(origin: Origin) -> bytes:
    origin.stream.seek(0)
    return origin.stream.read(_HEADER_BYTES)


def _frames(origin: Origin, info: PictureInfo, header: re.Match[bytes]) -> Iterator[Frame]:
    shape, peak = (*info.size, info.mode.channels), int(header[4])
    read = _read_binary if header[1] in b"56" else _read_plain
    origin.stream.seek(header.end())
    values = read(origin.stream, math.prod(shape)).reshape(shape).astype(np.float32)
    yield Frame(np.minimum(values / np.float32(peak), 1.0, dtype=np.float32), None)


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
