"""Photoshop's image resources: IPTC records, clipping paths, copyright and much else.

Source: Adobe Photoshop File Formats Specification, "Image Resources Section" and "Path resource format".
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from srcli.imaging.metadata.change import Change

_SIGNATURES = frozenset({b"8BIM", b"PHUT", b"DCSR", b"AgHg", b"MeSa"})
_IPTC, _XMP, _RESOLUTION, _PIXEL_ASPECT = 0x0404, 0x0424, 0x03ED, 0x0428
# Thumbnails, and copies of what the file says elsewhere: the colour profile and EXIF data.
_REPEATED = frozenset({0x0409, 0x040C, 0x040F, 0x0422, 0x0423})
_GUIDES, _SLICES = 0x0408, 0x041A
_IN_PIXELS = {_GUIDES: "guides", _SLICES: "slices"}
_PATHS = range(2000, 2998)
_PATH_RECORD_BYTES = 26
_KNOTS = frozenset({1, 2, 4, 5})
_ONE = 2**24
"""Path points are shares of height and width, with 24 binary places."""


class Resource(NamedTuple):
    """One resource: four letters, a number, a name with its length before it, and data."""

    signature: bytes
    number: int
    name: bytes
    data: bytes


def split_resources(block: bytes) -> list[Resource]:
    """The resources in a block, up to its end or to the first that is damaged."""
    found: list[Resource] = []
    position = 0
    while block[position : position + 4] in _SIGNATURES and position + 12 <= len(block):
        signature, number, length = struct.unpack_from(">4sHB", block, position)
        name_end = position + 6 + (length + 2) // 2 * 2
        size = int.from_bytes(block[name_end : name_end + 4], "big")
        data = block[name_end + 4 : name_end + 4 + size]
        if len(data) < size:
            break
        found.append(Resource(signature, number, block[position + 6 : name_end], data))
        position = name_end + 4 + size + size % 2
    return found


def join_resources(resources: Iterable[Resource]) -> bytes:
    """A block of these resources."""
    return b"".join(
        signature
        + struct.pack(">H", number)
        + name
        + struct.pack(">I", len(data))
        + data
        + bytes(len(data) % 2)
        for signature, number, name, data in resources
    )


def with_iptc(block: bytes | None, records: bytes | None) -> bytes:
    """A block of resources with IPTC records as its first one, where there are any."""
    first = join_resources([Resource(b"8BIM", _IPTC, b"\0\0", records)]) if records else b""
    return first + (block or b"")


def take_apart(block: bytes) -> tuple[bytes | None, bytes | None, bytes | None]:
    """IPTC records, an XMP packet, and a block of what else is to be kept."""
    resources = split_resources(block)
    records = next((entry for entry in resources if entry.number == _IPTC), None)
    packet = next((entry for entry in resources if entry.number == _XMP), None)
    # Further IPTC records, which some readers add to the first, stay where they are.
    gone = {_XMP} | _REPEATED
    kept = [entry for entry in resources if entry.number not in gone and entry is not records]
    return (
        (records.data or None) if records else None,
        packet.data if packet else None,
        join_resources(kept) or None,
    )


def followed(block: bytes, change: Change) -> tuple[bytes | None, tuple[str, ...]]:
    """The resources as they are true of the new picture, and a warning that names what had to go."""
    resources = split_resources(block)
    lost = {_IN_PIXELS[entry.number] for entry in resources if _count_in_pixels(entry)}
    kept = [_turned(entry, change) for entry in resources if entry.number not in _IN_PIXELS]
    warning = f"its Photoshop {' and '.join(sorted(lost))} count pixels of the original: dropped"
    return join_resources(kept) or None, (warning,) if lost else ()


def _count_in_pixels(entry: Resource) -> int:
    """How many guides a resource holds, or slices beside the one that every picture has."""
    if entry.number == _GUIDES and len(entry.data) >= 16:
        return int(struct.unpack_from(">I", entry.data, 12)[0])
    if entry.number != _SLICES:
        return 0
    if counted := re.search(rb"slicesVlLs(.{4})", entry.data, re.DOTALL):
        return int.from_bytes(counted[1], "big") - 1
    # Version 6: a rectangle, a name of 16-bit letters, the number of slices.
    letters = int.from_bytes(entry.data[20:24], "big")
    return int.from_bytes(entry.data[24 + 2 * letters :][:4], "big") - 1


def _turned(entry: Resource, change: Change) -> Resource:
    if entry.number in _PATHS and change.turned:
        records = range(0, len(entry.data), _PATH_RECORD_BYTES)
        parts = (entry.data[start : start + _PATH_RECORD_BYTES] for start in records)
        return entry._replace(data=b"".join(_turned_record(part, change) for part in parts))
    if entry.number == _RESOLUTION and change.swaps and len(entry.data) >= 16:
        return entry._replace(data=entry.data[8:16] + entry.data[:8] + entry.data[16:])
    if entry.number == _PIXEL_ASPECT and change.swaps and len(entry.data) >= 12:
        (ratio,) = struct.unpack_from(">d", entry.data, 4)
        return entry._replace(data=entry.data[:4] + struct.pack(">d", 1 / ratio if ratio else 1.0))
    return entry


def _turned_record(record: bytes, change: Change) -> bytes:
    """A record of a path: of a knot, its three points; each from top to bottom first, then across."""
    if len(record) < _PATH_RECORD_BYTES or struct.unpack_from(">H", record)[0] not in _KNOTS:
        return record
    numbers = struct.unpack_from(">6i", record, 2)
    turned = []
    for y, x in zip(numbers[::2], numbers[1::2], strict=True):
        across, down = change.point(x / _ONE, y / _ONE)
        turned += [round(down * _ONE), round(across * _ONE)]
    return record[:2] + struct.pack(">6i", *turned)
