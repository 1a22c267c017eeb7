"""EXIF blocks: read the orientation, then make the block true of the picture that is written.

Values are changed where they stand, and nothing moves: maker notes hold offsets that no one but their maker
understands, so a block that is taken apart and put together again would break them. For the same reason a
flaw in a block stays as it is: whatever else is damaged, its orientation and its sizes are true.
"""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import TYPE_CHECKING

from srcli.imaging.containers.tiff_fields import (
    EXIF_DIRECTORY,
    INTEROPERABILITY_DIRECTORY,
    LONG,
    RATIONAL,
    SHORT,
    Directory,
    Field,
    Order,
    build_block,
    build_directory,
    layout_of,
    parse_block,
    rational,
    short,
)

if TYPE_CHECKING:
    from srcli.imaging.metadata.change import Change

_ORIENTATION = 0x0112
_WIDTH, _HEIGHT = 0x0100, 0x0101
_X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT = 0x011A, 0x011B, 0x0128
_EXIF_WIDTH, _EXIF_HEIGHT = 0xA002, 0xA003
_RELATED_WIDTH, _RELATED_HEIGHT = 0x1001, 0x1002
_FOCAL_PLANE_X, _FOCAL_PLANE_Y = 0xA20E, 0xA20F
_SUBJECT_AREA, _SUBJECT_LOCATION = 0x9214, 0xA214
_MAKER_NOTE = 0x927C
_INCH = 2
_HEADER_BYTES = 8
_MOST = 0xFFFFFFFF


def read_orientation(block: bytes) -> int | None:
    """The orientation, 1..8, that an EXIF block states; None where it states none that is known.

    Raises:
        ValueError, struct.error: the block is damaged.
    """
    entry = parse_block(block).fields.get(_ORIENTATION)
    return entry.number if entry and 1 <= entry.number <= 8 else None


def is_readable(block: bytes) -> bool:
    """Whether anything can be made of a block at all."""
    try:
        parse_block(block)
    except (ValueError, struct.error):
        return False
    return True


def flaws(block: bytes) -> tuple[int, ...]:
    """Tags of the fields that can't be read.

    Raises:
        ValueError, struct.error: the block is damaged.
    """
    return tuple(sorted(set(parse_block(block).all_flaws)))


def with_resolution(block: bytes | None, dpi: tuple[float, float]) -> bytes:
    """The block, or a new one, with pixels per inch, across and down, where it doesn't state its resolution.

    Directories are written once more behind all values, which stay where they are.

    Raises:
        ValueError, struct.error: the block is damaged.
    """
    directory = parse_block(block) if block else Directory()
    if block and _X_RESOLUTION in directory.fields:
        return block
    across, down = (fraction_field(Fraction(dots)) for dots in dpi)
    directory.leave_values(_HEADER_BYTES)
    directory.fields |= {_X_RESOLUTION: across, _Y_RESOLUTION: down, _RESOLUTION_UNIT: short(_INCH)}
    if not block:
        return build_block(directory)
    layout = layout_of(block)
    head, body = block[:4], block[_HEADER_BYTES:] + bytes(len(block) % 2)
    start = _HEADER_BYTES + len(body)
    return head + layout.number.pack(start) + body + build_directory(directory, start, layout)


def fraction_field(value: Fraction) -> Field:
    """A field of the fraction of 32-bit numbers that comes nearest."""
    nearest = value.limit_denominator(max(1, _MOST // (int(value) + 1)))
    return rational(min(nearest.numerator, _MOST), nearest.denominator)


def followed(block: bytes, change: Change) -> bytes:
    """The block as it is true of the new picture: upright, with its sizes, and without its thumbnail.

    Raises:
        ValueError, struct.error: the block is damaged.
    """
    directory, order = parse_block(block), layout_of(block).order
    details = directory.children.get(EXIF_DIRECTORY, Directory())
    related = details.children.get(INTEROPERABILITY_DIRECTORY, Directory())
    patched = bytearray(block)
    size = change.after
    _patch(patched, directory, order, {_ORIENTATION: 1}, SHORT)
    _patch(patched, directory, order, {_WIDTH: size.width, _HEIGHT: size.height}, LONG)
    _patch(patched, details, order, {_EXIF_WIDTH: size.width, _EXIF_HEIGHT: size.height}, LONG)
    _patch(patched, related, order, {_RELATED_WIDTH: size.width, _RELATED_HEIGHT: size.height}, LONG)
    _patch_pair(patched, directory, order, (_X_RESOLUTION, _Y_RESOLUTION), (1.0, 1.0), change.swaps)
    scales = (change.across, change.down)
    _patch_pair(patched, details, order, (_FOCAL_PLANE_X, _FOCAL_PLANE_Y), scales, change.swaps)
    for tag in (_SUBJECT_AREA, _SUBJECT_LOCATION):
        _patch_subject(patched, details.fields.get(tag), order, change)
    _drop_thumbnail(patched, directory, order)
    return bytes(patched)


def without_orientation(block: bytes) -> bytes:
    """The block without the entry for its orientation, for writers that take it as a wish to turn pixels.

    Raises:
        ValueError, struct.error: the block is damaged.
    """
    directory, layout = parse_block(block), layout_of(block)
    entry = directory.fields.get(_ORIENTATION)
    if entry is None:
        return block
    (count,) = layout.counter.unpack_from(block, directory.position)
    # Later entries and the link to the next directory move up by one; no value moves.
    end = directory.position + layout.counter.size + layout.entry.size * count + layout.number.size
    patched = bytearray(block)
    layout.counter.pack_into(patched, directory.position, count - 1)
    moved = block[entry.position + layout.entry.size : end]
    patched[entry.position : entry.position + len(moved)] = moved
    return bytes(patched)


def fitting(block: bytes, most: int) -> tuple[bytes | None, tuple[int, ...]]:
    """A block of at most so many bytes, and the tags that had to go: maker notes, then the largest fields.

    Raises:
        ValueError, struct.error: the block is damaged.
    """
    if len(block) <= most:
        return block, ()
    directory = parse_block(block)
    homes = [directory, *directory.children.values()]
    gone = [_MAKER_NOTE for home in homes if home.fields.pop(_MAKER_NOTE, None)]
    while len(smaller := build_block(directory)) > most:
        home, tag = max(
            ((home, tag) for home in homes for tag in home.fields),
            key=lambda place: len(place[0].fields[place[1]].data),
        )
        del home.fields[tag]
        gone.append(tag)
    return smaller, tuple(gone)


def _patch(block: bytearray, directory: Directory, order: Order, values: dict[int, int], kind: int) -> None:
    layout = order + ("HIHxx" if kind == SHORT else "HII")
    for tag, value in values.items():
        if tag in directory.fields:
            struct.pack_into(layout, block, directory.fields[tag].position + 2, kind, 1, value)


def _patch_pair(
    block: bytearray,
    directory: Directory,
    order: Order,
    tags: tuple[int, int],
    scales: tuple[float, float],
    swap: bool,
) -> None:
    """Scale two fractions, one across and one down, which change places where the picture is turned."""
    fields = [directory.fields.get(tag) for tag in tags]
    if any(entry is None or entry.kind != RATIONAL or len(entry.data) < 8 for entry in fields):
        return
    across, down = (entry for entry in fields if entry)
    sources = (down, across) if swap else (across, down)
    for target, source, scale in zip((across, down), sources, scales, strict=True):
        numerator, denominator = struct.unpack("<II", source.data[:8])
        if denominator and (scale != 1.0 or swap):
            value = fraction_field(Fraction(numerator, denominator) * Fraction(scale))
            block[target.start : target.start + 8] = value.raw(order)


def _patch_subject(block: bytearray, entry: Field | None, order: Order, change: Change) -> None:
    if entry is None or entry.kind != SHORT or not 2 <= entry.count <= 4:
        return
    numbers = change.subject(struct.unpack(f"<{entry.count}H", entry.data))
    # The field counts no further.
    values = [min(max(number, 0), 0xFFFF) for number in numbers]
    struct.pack_into(f"{order}{entry.count}H", block, entry.start, *values)


def _drop_thumbnail(block: bytearray, directory: Directory, order: Order) -> None:
    """Unlink the second directory, which describes the thumbnail, and cut it off where it comes last."""
    (count,) = struct.unpack_from(order + "H", block, directory.position)
    link = directory.position + 2 + 12 * count
    if link + 4 > len(block):
        return
    block[link : link + 4] = bytes(4)
    # What could not be read may stand anywhere.
    if not directory.all_flaws and directory.following >= max(directory.end, link + 4):
        del block[directory.following :]
