"""Animated WebP (RFC 9649): frames that Pillow compresses one by one, in a container of our own.

Pillow would keep all frames in memory, and merge equal ones.
"""

from __future__ import annotations

import struct
from io import BytesIO
from typing import TYPE_CHECKING

from srcli.imaging.writers.timing import FrameTicks
from srcli.imaging.writers.whole_encoders import pillow_image, webp_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.imaging.pixels.samples import Samples
    from srcli.imaging.writers.encoding import Encoding

_ANIMATED, _XMP, _EXIF, _ALPHA, _ICC = 0x02, 0x04, 0x08, 0x10, 0x20
_REPLACE = 0x02
_LONGEST_MS = 2**24 - 1


def animate_webp(frames: Iterator[tuple[Samples, float]], encoding: Encoding) -> Iterator[bytes]:
    """Yield an animated WebP file.

    Nothing comes before the last frame, since the header states the length: compressed frames are kept,
    decoded ones are not.
    """
    ticks = FrameTicks(1)
    shape: tuple[int, ...] = (1, 1)
    compressed: list[bytes] = []
    for samples, duration_ms in frames:
        shape = samples.shape
        compressed.append(_frame(samples, encoding, min(ticks.ticks(duration_ms), _LONGEST_MS)))
    metadata = encoding.metadata
    body = b"WEBP" + _canvas(shape, encoding)
    body += _optional(b"ICCP", metadata.icc) + _chunk(
        b"ANIM", struct.pack("<IH", 0, min(encoding.loop or 0, 65535))
    )
    tail = _optional(b"EXIF", metadata.exif) + _optional(b"XMP ", metadata.xmp)
    length = len(body) + sum(map(len, compressed)) + len(tail)
    yield b"RIFF" + struct.pack("<I", length) + body
    yield from compressed
    yield tail


def _canvas(shape: tuple[int, ...], encoding: Encoding) -> bytes:
    metadata = encoding.metadata
    flags = _ANIMATED | (_ALPHA if encoding.has_alpha else 0) | (_ICC if metadata.icc else 0)
    flags |= (_EXIF if metadata.exif else 0) | (_XMP if metadata.xmp else 0)
    return _chunk(b"VP8X", bytes([flags, 0, 0, 0]) + _three(shape[1] - 1) + _three(shape[0] - 1))


def _frame(samples: Samples, encoding: Encoding, duration_ms: int) -> bytes:
    buffer = BytesIO()
    pillow_image(samples, encoding).save(buffer, "WEBP", **webp_options(encoding))
    place = _three(0) * 2 + _three(samples.shape[1] - 1) + _three(samples.shape[0] - 1)
    return _chunk(b"ANMF", place + _three(duration_ms) + bytes([_REPLACE]) + _bitstream(buffer.getvalue()))


def _bitstream(webp: bytes) -> bytes:
    """The chunks of a still file that hold its pixels."""
    position, found = 12, b""
    while position < len(webp):
        name, length = struct.unpack_from("<4sI", webp, position)
        end = position + 8 + length + length % 2
        if name in (b"ALPH", b"VP8 ", b"VP8L"):
            found += webp[position:end]
        position = end
    return found


def _optional(name: bytes, data: bytes | None) -> bytes:
    return _chunk(name, data) if data else b""


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _three(number: int) -> bytes:
    return number.to_bytes(3, "little")
