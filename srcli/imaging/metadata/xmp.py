"""XMP packets: only the numbers that describe the pixels are touched."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from srcli.core.geometry import Size


def upright(packet: bytes) -> bytes:
    """The packet with ``tiff:Orientation``, where it has one, reset to 1."""
    return _with_number(packet, b"tiff:Orientation", 1)


def with_size(packet: bytes, size: Size) -> bytes:
    """The packet with the sizes it states, where it states any, changed to the picture's own."""
    for name in (b"tiff:ImageWidth", b"exif:PixelXDimension"):
        packet = _with_number(packet, name, size.width)
    for name in (b"tiff:ImageLength", b"exif:PixelYDimension"):
        packet = _with_number(packet, name, size.height)
    return packet


def _with_number(packet: bytes, name: bytes, value: int) -> bytes:
    # XMP writes a property as an attribute or as an element.
    pattern = rb"(" + name + rb"(?:\s*=\s*[\"']|>\s*))\d+"
    return re.sub(pattern, rb"\g<1>" + str(value).encode(), packet)
