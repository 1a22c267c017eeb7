"""TIFF files: what their fields say decides who decodes them, or whether anyone does."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from srcli.core.errors import InputError
from srcli.core.geometry import Size
from srcli.imaging.metadata.collect import Collected
from srcli.imaging.picture import Metadata, Mode
from srcli.imaging.pillow_reader import read_with_pillow
from srcli.imaging.tiff_fields import EXIF_DIRECTORY, GPS_DIRECTORY
from srcli.imaging.tiff_writer import STRUCTURAL_TAGS
from srcli.imaging.wide_reader import read_with_vips

if TYPE_CHECKING:
    from srcli.imaging.source import Origin, Source

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _CHANNELS = 256, 257, 258, 259, 262, 277
_EXTRA_SAMPLES, _SAMPLE_FORMAT = 338, 339
_X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT = 282, 283, 296
_XMP, _IPTC, _ICC = 700, 33723, 34675
_MODES = {0: Mode.GREY, 1: Mode.GREY, 2: Mode.RGB, 5: Mode.CMYK}
_LOSSY = frozenset({6, 7, 34712, 50001, 50002})
_UNSIGNED = 1
_MULTIPLIED, _STRAIGHT = 1, 2
_UNITS_PER_INCH = {2: 1.0, 3: 2.54}
_STRIPS, _STRIP_ROWS = 273, 278
_MOST_PAGES = 10_000
_MOST_CHANNELS = 32
_POINTERS = frozenset({EXIF_DIRECTORY, GPS_DIRECTORY})

# Layers of Photoshop and places on the globe are true of the original's pixels only.
_FOREIGN_TAGS = STRUCTURAL_TAGS | {33550, 33922, 34264, 34735, 34736, 34737, 37724, 50784}


def read_tiff(origin: Origin) -> Source:
    """Read the fields of the first page of a TIFF file.

    Raises:
        InputError: its samples are of a kind that srcli has no use for.
    """
    tags, pages = _read_pages(origin)
    bits = _numbers(tags, _BITS, 1)
    _check_samples(bits, _numbers(tags, _SAMPLE_FORMAT, _UNSIGNED), origin.name)
    _check_channels(int(tags.get(_CHANNELS, 1)), bits)
    _check_length(origin, tags)
    found = _collect(origin, tags)
    if pages > 1:
        found.notes.append(f"it has {pages} pages: only the first is used")
    lossless = tags.get(_COMPRESSION, 1) not in _LOSSY
    mode = _MODES.get(int(tags.get(_PHOTOMETRIC, 1)))
    if max(bits) == 16 and mode is None:
        model = f"the colour model {tags.get(_PHOTOMETRIC)}"
        raise InputError(f"cannot read {origin.name}: 16-bit samples of {model} are not supported")
    if mode and max(bits) in (8, 16):
        return _read_samples(origin, tags, found, mode, lossless=lossless)
    # Palettes, single bits, YCbCr and LAB are Pillow's, which bakes in the orientation by itself.
    found.orientation = 1
    return read_with_pillow(origin, "TIFF", lambda _: found, lossless=lossless)


def _read_pages(origin: Origin) -> tuple[ImageFileDirectory_v2, int]:
    """The fields of the first page, and the number of pages."""
    first = _read_directory(origin, None)
    if _WIDTH not in first or _HEIGHT not in first:
        raise EOFError
    following, pages, seen = first.next, 1, set[int]()
    while following and following not in seen and pages < _MOST_PAGES:
        seen.add(following)
        following, pages = _read_directory(origin, following).next, pages + 1
    return first, pages


def _read_directory(origin: Origin, start: int | None) -> ImageFileDirectory_v2:
    """The fields at an offset of the file; at None, the first ones."""
    origin.stream.seek(0)
    head = origin.stream.read(8)
    if b"+" in head[2:4]:
        head += origin.stream.read(8)
    directory = ImageFileDirectory_v2(head)
    origin.stream.seek(directory.next if start is None else start)
    directory.load(origin.stream)
    return directory


def _check_channels(channels: int, bits: tuple[int, ...]) -> None:
    """Refuse a number of channels that would make a small file claim gigabytes."""
    if channels > _MOST_CHANNELS or len(bits) not in (1, channels):
        raise ValueError(f"{channels} channels of {len(bits)} depths")


def _check_length(origin: Origin, tags: ImageFileDirectory_v2) -> None:
    """Refuse a file that ends before its strips or tiles do: libvips would fill in what is missing."""
    end = origin.stream.seek(0, 2)
    strips = _numbers(tags, _STRIPS, 0) if _STRIPS in tags else ()
    if strips and len(strips) * tags.get(_STRIP_ROWS, tags[_HEIGHT]) < tags[_HEIGHT]:
        raise EOFError
    for starts, counts in ((_STRIPS, 279), (324, 325)):
        for start, count in zip(_numbers(tags, starts, 0), _numbers(tags, counts, 0), strict=False):
            if start + count > end:
                raise EOFError


def _check_samples(bits: tuple[int, ...], kinds: tuple[int, ...], name: str) -> None:
    if any(kind != _UNSIGNED for kind in kinds) or max(bits) not in (1, 2, 4, 8, 16) or len(set(bits)) > 1:
        kind = {2: "signed integers", 3: "floating point"}.get(kinds[0], "unsigned integers")
        raise InputError(
            f"cannot read {name}: samples of {max(bits)} bits, {kind}, are not supported",
            hint="convert it to unsigned integers of 8 or 16 bits first",
        )


def _read_samples(
    origin: Origin, tags: ImageFileDirectory_v2, found: Collected, mode: Mode, *, lossless: bool
) -> Source:
    extra = _numbers(tags, _EXTRA_SAMPLES, 0)[0]
    # libvips divides colours by the transparency that they are multiplied with.
    has_alpha = tags.get(_CHANNELS, 1) > mode.channels and extra in (_MULTIPLIED, _STRAIGHT)
    if tags.get(_CHANNELS, 1) > mode.channels + has_alpha:
        found.notes.append("it has channels that are neither colour nor transparency: they are dropped")
    return read_with_vips(
        origin,
        format_name="TIFF",
        size=Size(tags[_HEIGHT], tags[_WIDTH]),
        mode=mode,
        depth=_numbers(tags, _BITS, 1)[0],
        has_alpha=has_alpha,
        found=found,
        lossless=lossless,
    )


def _collect(origin: Origin, tags: ImageFileDirectory_v2) -> Collected:
    found = Collected(
        Metadata(
            icc=_bytes(tags, _ICC),
            exif=_exif(origin, tags),
            xmp=_bytes(tags, _XMP),
            iptc=_bytes(tags, _IPTC),
            dpi=_dpi(tags),
        )
    )
    return found.settle_as(int(tags.get(274, 1)))


def _exif(origin: Origin, tags: ImageFileDirectory_v2) -> bytes | None:
    """An EXIF block of the fields that describe the picture and not its storage."""
    exif = Image.Exif()
    exif.update({tag: value for tag, value in tags.items() if tag not in _FOREIGN_TAGS | _POINTERS})
    for pointer in _POINTERS & set(tags):
        exif.get_ifd(pointer).update(_read_directory(origin, int(tags[pointer])))
    return exif.tobytes().removeprefix(b"Exif\0\0") if len(exif) or _POINTERS & set(tags) else None


def _numbers(tags: ImageFileDirectory_v2, tag: int, default: int) -> tuple[int, ...]:
    value = tags.get(tag, default)
    return tuple(value) if isinstance(value, tuple) and value else (int(value or default),)


def _bytes(tags: ImageFileDirectory_v2, tag: int) -> bytes | None:
    value: Any = tags.get(tag)
    if isinstance(value, tuple):
        # Some writers declare IPTC records as 32-bit numbers.
        value = struct.pack(f"<{len(value)}I", *value)
    return value if isinstance(value, bytes) and value else None


def _dpi(tags: ImageFileDirectory_v2) -> tuple[float, float] | None:
    scale = _UNITS_PER_INCH.get(tags.get(_RESOLUTION_UNIT, 2))
    across, down = tags.get(_X_RESOLUTION), tags.get(_Y_RESOLUTION)
    if not (scale and across and down):
        return None
    return float(across) * scale, float(down) * scale
