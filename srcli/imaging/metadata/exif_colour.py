"""Which colours EXIF data says a picture has, where no profile does (DCF 2.0, section 4.4; CIPA DC-009)."""

from __future__ import annotations

import struct

from srcli.imaging.containers.tiff_fields import EXIF_DIRECTORY, INTEROPERABILITY_DIRECTORY, parse_block

_COLOUR_SPACE, _INDEX = 0xA001, 0x0001
_SRGB, _ADOBE_RGB = 1, 2
_OPTION_FILE = b"R03"


def means_adobe_rgb(block: bytes) -> bool:
    """Whether a block says Adobe RGB: as DCF's option files do, or by a number that some programs write."""
    try:
        exif = parse_block(block).children.get(EXIF_DIRECTORY)
    except (ValueError, struct.error):
        return False
    if exif is None:
        return False
    space = exif.number(_COLOUR_SPACE)
    rules = exif.children.get(INTEROPERABILITY_DIRECTORY)
    index = rules.fields.get(_INDEX) if rules else None
    is_option = index is not None and index.data[:3] == _OPTION_FILE
    return space == _ADOBE_RGB or (is_option and space != _SRGB)
