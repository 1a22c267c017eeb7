"""The boxes of an AVIF or HEIC file that say what its picture is (ISO/IEC 14496-12 and 23008-12)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcli.core.geometry import Crop, Size
from srcli.imaging.containers.av1 import colour_of_bitstream

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_BOXES = 100_000
# A box whose content begins behind a version and flags.
_FULL = 4
# In the third byte of the configuration of AV1 (AV1-ISOBMFF, section 2.3.3).
_AV1_UNITS = 4
_START_BYTES = 256
_HIGH_DEPTH, _TWELVE_BITS, _MONOCHROME = 0x40, 0x20, 0x10


@dataclass(frozen=True, slots=True)
class ItemProperties:
    """What belongs to the main picture of a file.

    Attributes:
        boxes: contents by the four letters of their names.
        start: the first bytes of what its codec made of it; none where they lie elsewhere, as of a grid.
    """

    boxes: tuple[tuple[bytes, bytes], ...] = ()
    start: bytes = b""

    def first(self, name: bytes) -> bytes | None:
        """The content of the first box of a name."""
        return next((data for found, data in self.boxes if found == name), None)

    @property
    def size(self) -> Size | None:
        """As it is stored, before it is turned or cropped; None where nothing tells."""
        extents = self.first(b"ispe")
        if extents is None or len(extents) < _FULL + 8:
            return None
        width, height = struct.unpack_from(">II", extents, _FULL)
        return Size(height, width)

    @property
    def colour_numbers(self) -> tuple[int, int] | None:
        """Primaries and transfer of H.273; None where an ICC profile or nothing tells the colours.

        The container comes before the bitstream (MIAF, section 7.3.6.4).
        """
        stated = [data for name, data in self.boxes if name == b"colr"]
        if any(data[:4] in (b"prof", b"rICC") for data in stated):
            return None
        numbers = next((data for data in stated if data[:4] == b"nclx" and len(data) >= 8), None)
        if numbers:
            return struct.unpack_from(">HH", numbers, 4)
        codec = self.first(b"av1C")
        if codec is None:
            return None
        return colour_of_bitstream(codec[_AV1_UNITS:]) or colour_of_bitstream(self.start)

    @property
    def depth(self) -> int:
        """Bits per sample; 8 where nothing tells."""
        pixels, codec = self.first(b"pixi"), self.first(b"av1C")
        if pixels and len(pixels) > _FULL + 1:
            return max(pixels[_FULL + 1 :][: pixels[_FULL]])
        if codec and len(codec) > 2 and codec[2] & _HIGH_DEPTH:
            return 12 if codec[2] & _TWELVE_BITS else 10
        return 8

    @property
    def is_grey(self) -> bool:
        """Whether it has one channel beside transparency."""
        pixels, codec = self.first(b"pixi"), self.first(b"av1C")
        if pixels and len(pixels) > _FULL:
            return pixels[_FULL] == 1
        return bool(codec and len(codec) > 2 and codec[2] & _MONOCHROME)

    def crop_of(self, size: Size) -> Crop | None:
        """The part of a picture that is to be shown; None for all of it.

        Raises:
            ValueError: the part is none of whole pixels, or lies elsewhere.
        """
        data = self.first(b"clap")
        if data is None:
            return None
        # Width and height, then how far the middle lies from the picture's own, all as fractions.
        width_n, width_d, height_n, height_d = struct.unpack_from(">4I", data)
        right_n, right_d, down_n, down_d = struct.unpack_from(">iIiI", data, 16)
        width, height = width_n / width_d, height_n / height_d
        left = (size.width - width) / 2 + right_n / right_d
        top = (size.height - height) / 2 + down_n / down_d
        numbers = (left, top, left + width, top + height)
        if any(number != int(number) for number in numbers):
            raise ValueError("a crop that is not of whole pixels")
        crop = Crop(*map(int, numbers))
        if not (0 <= crop.left < crop.right <= size.width and 0 <= crop.top < crop.bottom <= size.height):
            raise ValueError("a crop beyond the picture")
        return crop


def read_properties(data: bytes) -> ItemProperties:
    """What a file says of its main picture; nothing where it has no such boxes."""
    meta = (_find(data, b"meta") or b"")[_FULL:]
    try:
        primary = _find(meta, b"pitm") or b""
        item = struct.unpack_from(">H" if primary[0] == 0 else ">I", primary, _FULL)[0]
        boxes = tuple(_properties_of(meta, item))
    except (struct.error, IndexError):
        return ItemProperties()
    try:
        start = _place_of(_find(meta, b"iloc") or b"", item)
    except (struct.error, IndexError):
        start = None
    return ItemProperties(boxes, b"" if start is None else data[start : start + _START_BYTES])


def _properties_of(meta: bytes, item: int) -> Iterator[tuple[bytes, bytes]]:
    described = _find(meta, b"iprp")
    if described is None:
        return
    boxes = list(iterate_boxes(_find(described, b"ipco") or b""))
    for name, content in iterate_boxes(described):
        if name == b"ipma":
            yield from (boxes[index - 1] for index in _associations(content, item) if 0 < index <= len(boxes))


def _associations(content: bytes, item: int) -> list[int]:
    """Numbers, from 1, of the properties that belong to an item."""
    version, wide = content[0], content[3] & 1
    (count,) = struct.unpack_from(">I", content, _FULL)
    position = _FULL + 4
    for _ in range(min(count, _MOST_BOXES)):
        found = struct.unpack_from(">H" if version < 1 else ">I", content, position)[0]
        position += 2 if version < 1 else 4
        number, position = content[position], position + 1
        layout, mask = (">H", 0x7FFF) if wide else (">B", 0x7F)
        size = struct.calcsize(layout)
        indices = [struct.unpack_from(layout, content, position + size * k)[0] & mask for k in range(number)]
        if found == item:
            return indices
        position += size * number
    return []


def _place_of(content: bytes, item: int) -> int | None:
    """Where in the file the data of an item begins; None where it is stored in another way."""
    version = content[0]
    sizes, position = content[_FULL : _FULL + 2], _FULL + 2
    offset_bytes, length_bytes, base_bytes = sizes[0] >> 4, sizes[0] & 15, sizes[1] >> 4
    index_bytes = sizes[1] & 15 if version else 0
    layout = ">H" if version < 2 else ">I"
    (count,) = struct.unpack_from(layout, content, position)
    position += struct.calcsize(layout)
    for _ in range(min(count, _MOST_BOXES)):
        (found,) = struct.unpack_from(layout, content, position)
        position += struct.calcsize(layout)
        method = content[position + 1] & 15 if version else 0
        position += 4 if version else 2
        base = int.from_bytes(content[position : position + base_bytes], "big")
        (extents,) = struct.unpack_from(">H", content, position + base_bytes)
        position += base_bytes + 2
        if found == item:
            place = content[position + index_bytes : position + index_bytes + offset_bytes]
            return base + int.from_bytes(place, "big") if method == 0 and extents else None
        position += extents * (index_bytes + offset_bytes + length_bytes)
    return None


def _find(data: bytes, name: bytes) -> bytes | None:
    return next((content for found, content in iterate_boxes(data) if found == name), None)


def iterate_boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and contents of the boxes that follow one another."""
    position = 0
    while position + 8 <= len(data):
        size, name = struct.unpack_from(">I4s", data, position)
        start = position + 8
        if size == 1:
            size, start = struct.unpack_from(">Q", data, start)[0], start + 8
        end = position + size if size else len(data)
        if end < start:
            return
        yield name, data[start:end]
        position = end
