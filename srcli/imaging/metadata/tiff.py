"""The fields by which a TIFF file holds metadata: found, and put in."""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import TYPE_CHECKING

from srcli.imaging.containers.tiff_fields import (
    BYTE,
    DIRECTORY,
    DOUBLE,
    FLOAT,
    LONG,
    RATIONAL,
    SHORT,
    UNDEFINED,
    Directory,
    Field,
    Layout,
    build_block,
    layout_of,
    parse_block,
    short,
)
from srcli.imaging.metadata import geotiff, maker_note
from srcli.imaging.metadata.collect import Collected
from srcli.imaging.metadata.exif import fraction_field
from srcli.imaging.metadata.photoshop import take_apart
from srcli.imaging.picture import Metadata

if TYPE_CHECKING:
    from srcli.imaging.containers.tiff_fields import Order

_ORIENTATION, _X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT = 274, 282, 283, 296
_XMP, _IPTC, _PHOTOSHOP, _ICC = 700, 33723, 34377, 34675
_PER_INCH = {2: 1.0, 3: 2.54}
_NO_UNIT, _INCH = 1, 2
_NUMBERS = {SHORT: "<H", LONG: "<I", RATIONAL: "<II", FLOAT: "<f", DOUBLE: "<d"}
_MOST_DENSE = 1e6
_RECORD_MARK = 0x1C
_LAYERS = {37724: "Photoshop layers", 50784: "Alias layers"}

# Fields about how pixels are stored, which describe the file that they were read from and no other:
# file type, size, samples, strips, tiles, colour tables and palettes, further directories, JPEG's and other
# compressions' parameters.
STRUCTURAL_TAGS = frozenset(
    {254, 255, 256, 257, 258, 259, 262, 263, 266, 273, 274, 277, 278, 279, 280, 281, 284, 290, 291, 292, 293}
    | {
        297,
        301,
        317,
        320,
        321,
        322,
        323,
        324,
        325,
        330,
        332,
        333,
        334,
        336,
        338,
        339,
        340,
        341,
        347,
    }
    | {512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532}
)
_HELD_ELSEWHERE = frozenset({_XMP, _IPTC, _PHOTOSHOP, _ICC}) | geotiff.TAGS


def metadata_of_tiff(directory: Directory, order: Order) -> Collected:
    """Collect from a page of a TIFF file.

    Args:
        directory: the fields of the page, and those below it.
        order: of the bytes in the file.
    """
    found = Collected()
    if directory.all_flaws:
        tags = ", ".join(str(tag) for tag in sorted(set(directory.all_flaws)))
        found.notes.append(f"damaged TIFF fields were dropped: {tags}")
    iptc, embedded, resources = take_apart(_raw(directory, _PHOTOSHOP, order) or b"")
    place = {tag: entry for tag, entry in directory.fields.items() if tag in geotiff.TAGS}
    dpi, aspect = _density(directory)
    found.metadata = Metadata(
        icc=_raw(directory, _ICC, order),
        exif=_exif(directory, order, found.notes),
        xmp=_raw(directory, _XMP, order) or embedded,
        iptc=_records(_raw(directory, _IPTC, order)) or iptc,
        photoshop=resources,
        geotiff=build_block(Directory(place)) if place else None,
        dpi=dpi,
        aspect=aspect,
    )
    orientation = directory.fields.get(_ORIENTATION)
    return found.settle(orientation.number if orientation else None)


def directory_of_metadata(metadata: Metadata, layout: Layout) -> Directory:
    """The fields by which a TIFF file holds metadata.

    The EXIF block has to stand at the start of the file, its header replaced by that of the file: its values
    stay where they are, so that maker notes, which count from the start of the file, stay true.
    """
    directory = parse_block(metadata.exif) if metadata.exif else Directory()
    directory.leave_values(16 if layout.big else 8)
    for tag in (STRUCTURAL_TAGS | _HELD_ELSEWHERE) & directory.fields.keys():
        del directory.fields[tag]
    if metadata.geotiff:
        directory.fields |= parse_block(metadata.geotiff).fields
    density, unit = (metadata.dpi, _INCH) if metadata.dpi else (metadata.aspect, _NO_UNIT)
    if density:
        across, down = (fraction_field(Fraction(dots).limit_denominator(1000)) for dots in density)
        directory.fields |= {_X_RESOLUTION: across, _Y_RESOLUTION: down, _RESOLUTION_UNIT: short(unit)}
    blocks = {
        _XMP: (BYTE, metadata.xmp),
        _IPTC: (UNDEFINED, metadata.iptc),
        _PHOTOSHOP: (UNDEFINED, metadata.photoshop),
        _ICC: (UNDEFINED, metadata.icc),
    }
    directory.fields |= {tag: Field(kind, block) for tag, (kind, block) in blocks.items() if block}
    return directory


def layout_of_metadata(metadata: Metadata, *, big: bool) -> Layout:
    """How a TIFF file is written so that its EXIF block can stay as it is."""
    return Layout(layout_of(metadata.exif).order if metadata.exif else "<", big)


def _exif(directory: Directory, order: Order, notes: list[str]) -> bytes | None:
    """An EXIF block of the fields that describe the picture and not its storage."""
    left_out = STRUCTURAL_TAGS | _HELD_ELSEWHERE | _LAYERS.keys()
    kept = {tag: entry for tag, entry in directory.fields.items() if tag not in left_out}
    fields = {tag: entry for tag, entry in kept.items() if entry.kind != DIRECTORY}
    if len(fields) < len(kept):
        notes.append("further directories of TIFF fields, of an unknown kind, are dropped")
    notes += [f"its {label} are dropped" for tag, label in _LAYERS.items() if tag in directory.fields]
    if not fields and not directory.children:
        return None
    return maker_note.build_moved_block(Directory(fields, directory.children), order, notes)


def _raw(directory: Directory, tag: int, order: Order) -> bytes | None:
    """The bytes of a field as they stand in the file, whatever type it is declared as."""
    entry = directory.fields.get(tag)
    return entry.raw(order) if entry and entry.data else None


def _records(data: bytes | None) -> bytes | None:
    """IPTC records; some writers swap the bytes of the 32-bit numbers that they declare them as."""
    if data and data[0] != _RECORD_MARK and data[3:4] == bytes([_RECORD_MARK]) and len(data) % 4 == 0:
        data = struct.pack(f">{len(data) // 4}I", *struct.unpack(f"<{len(data) // 4}I", data))
    return data


def _density(directory: Directory) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
    """Pixels per inch, or without a unit where they aren't square."""
    unit = directory.fields.get(_RESOLUTION_UNIT)
    pair = [_fraction(directory.fields.get(tag)) for tag in (_X_RESOLUTION, _Y_RESOLUTION)]
    if pair[0] is None or pair[1] is None:
        return None, None
    across, down = pair[0], pair[1]
    number = unit.number if unit else _INCH
    if number in _PER_INCH:
        return (across * _PER_INCH[number], down * _PER_INCH[number]), None
    return None, (across, down) if across != down else None


def _fraction(entry: Field | None) -> float | None:
    """A resolution, of whatever type; None where there is none, or one that makes no sense."""
    if entry is None or entry.kind not in _NUMBERS or not entry.data:
        return None
    numerator, *denominator = struct.unpack_from(_NUMBERS[entry.kind], entry.data)
    value = numerator / denominator[0] if denominator and denominator[0] else numerator
    return value if 0 < value < _MOST_DENSE and denominator != [0] else None
