"""The colour profile that the header of a BMP file leads to (Windows GDI, BITMAPV5HEADER)."""

from __future__ import annotations

import struct

from srcli.imaging.picture import Metadata

_FILE_HEADER_BYTES, _V5_BYTES = 14, 124
_EMBEDDED = b"DEBM"
_COLOUR_SPACE, _PROFILE = 56, 112
"""Places in the header: of the kind of colour space, and of the offset and the size of the profile."""


def metadata_of_bmp(data: bytes) -> Metadata:
    """The colour profile, where the file embeds one and holds all of it."""
    header = data[_FILE_HEADER_BYTES:][:_V5_BYTES]
    if len(header) < _V5_BYTES or struct.unpack_from("<I", header)[0] < _V5_BYTES:
        return Metadata()
    start, size = struct.unpack_from("<II", header, _PROFILE)
    profile = data[_FILE_HEADER_BYTES + start :][:size]
    embedded = header[_COLOUR_SPACE : _COLOUR_SPACE + 4] == _EMBEDDED and len(profile) == size
    return Metadata(icc=profile or None) if embedded else Metadata()
