"""The boxes of an AVIF or HEIC file that say what its picture is (ISO/IEC 14496-12 and 23008-12)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcli.core.geometry import Size
from srcli.imaging.crop import Crop

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_BOXES = 100_000
# A box whose content begins behind a version and flags.
_FULL = 4
# In the third byte of the configuration of AV1 (AV1-ISOBMFF, section 2.3.3).
_HIGH_DEPTH, _TWELVE_BITS, _MONOCHROME = 0x40, 0x20, 0x10


@dataclass(frozen=True, slots=True)
class ItemProperties:
    """What belongs to the main picture of a file, by the four letters of the boxes."""

    boxes: tuple[tuple[bytes, bytes], ...] = ()

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
        """Primaries and transfer of H.273; None where an ICC profile or nothing tells the colours."""
        stated = [data for name, data in self.boxes if name == b"colr"]
        if any(data[:4] in (b"prof", b"rICC") for data in stated):
            return None
        numbers = next((data for data in stated if data[:4] == b"nclx" and len(data) >= 8), None)
        return struct.unpack_from(">HH", numbers, 4) if numbers else None

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
    try:
        return ItemProperties(tuple(_properties_of(data)))
    except (struct.error, IndexError):
        return ItemProperties()


def _properties_of(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    meta = _find(data, b"meta")
    if meta is None:
        return
    primary = _find(meta[_FULL:], b"pitm")
    described = _find(meta[_FULL:], b"iprp")
    if primary is None or described is None:
        return
    item = struct.unpack_from(">H" if primary[0] == 0 else ">I", primary, _FULL)[0]
    boxes = list(_boxes(_find(described, b"ipco") or b""))
    for name, content in _boxes(described):
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


def _find(data: bytes, name: bytes) -> bytes | None:
    return next((content for found, content in _boxes(data) if found == name), None)


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
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
