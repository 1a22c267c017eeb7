"""Several pictures in one JPEG file, and the index that tells where they are (CIPA DC-007, section 5)."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from srcli.imaging.containers.tiff_fields import layout_of, parse_block
from srcli.imaging.metadata.jpeg_segments import is_gain_map

_INDEX = re.compile(rb"\xff\xe2..MPF\0", re.DOTALL)
_NO_INDEX = b"none"
_SEGMENT_BYTES = 2**16
_ENTRIES = 0xB002
_ENTRY_BYTES = 16
_KIND, _THUMBNAIL = 0xFF0000, 0x010000
_JPEG = b"\xff\xd8\xff"


@dataclass(frozen=True, slots=True)
class View:
    """A picture in a file: its bytes, which are a JPEG file of their own, and what it is for."""

    data: bytes
    is_thumbnail: bool = False

    @property
    def is_picture(self) -> bool:
        """Whether it stands for itself, and is neither a smaller version nor a gain map of another."""
        return not (self.is_thumbnail or is_gain_map(self.data))


def views_of(data: bytes) -> list[View]:
    """The pictures that a JPEG file's index names, the file's own first; one that isn't there is left out.

    Raises:
        TooMuchError: there are more segments than in any honest file.
    """
    return [View(data), *_further(data)]


def _further(data: bytes) -> list[View]:
    found = _INDEX.search(data)
    if found is None:
        return []
    start = found.end()
    block = data[start : start + _SEGMENT_BYTES]
    try:
        order = layout_of(block[:8]).order
        table = parse_block(block).fields[_ENTRIES].data
    except (ValueError, LookupError, struct.error):
        return []
    entries = struct.iter_unpack(order + "3I4x", table[: len(table) // _ENTRY_BYTES * _ENTRY_BYTES])
    views = []
    # Honest views don't lie over one another.
    left = len(data)
    for attributes, size, offset in list(entries)[1:]:
        left -= size
        if left < 0:
            break
        view = data[start + offset : start + offset + size]
        if view.startswith(_JPEG):
            # Its own index counts from the start of the file that it was cut out of.
            alone = _INDEX.sub(lambda match: match[0][:-4] + _NO_INDEX, view, count=1)
            views.append(View(alone, attributes & _KIND == _THUMBNAIL))
    return views
