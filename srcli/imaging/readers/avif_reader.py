"""AVIF files: 8 bits and animations through Pillow, stills of more bits through libvips."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from srcli.core.geometry import Size
from srcli.imaging.colour.colorimetry import cicp_chunk, light_level_chunks
from srcli.imaging.containers.isobmff import read_properties
from srcli.imaging.picture import Frame, Mode
from srcli.imaging.readers.libvips import VipsPicture
from srcli.imaging.readers.pillow_reader import collect_from_info, read_with_pillow
from srcli.imaging.readers.vips_reader import read_with_vips

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.core.geometry import Crop
    from srcli.imaging.containers.isobmff import ItemProperties
    from srcli.imaging.metadata.collect import Collected
    from srcli.imaging.readers.source import Origin, Source

_GAIN_MAP_BRAND = b"tmap"
_BRANDS_END = 64
_ROWS = 64
_ORIENTATION = 0x0112


def read_avif(origin: Origin) -> Source:
    """Read the header of an AVIF file.

    What turns and crops a picture in its container is baked in, as its EXIF orientation would be.
    """
    origin.stream.seek(0)
    data = origin.stream.read()
    properties = read_properties(data)
    origin.stream.seek(0)
    image = Image.open(origin.stream, formats=["AVIF"])
    found = collect_from_info(image, orientation=_turn_of_container(image))
    if properties.colour_numbers and not found.metadata.icc:
        lights = light_level_chunks(properties.first(b"clli"), properties.first(b"mdcv"))
        chunks = (*cicp_chunk(*properties.colour_numbers), *lights)
        found.metadata = replace(found.metadata, colour_chunks=chunks)
    if _GAIN_MAP_BRAND in data[:_BRANDS_END]:
        found.notes.append("its gain map, for displays of high dynamic range, is dropped")
    still = not getattr(image, "is_animated", False)
    if still and properties.depth > 8:
        return _read_deep(origin, properties, found)
    if properties.depth > 8:
        found.notes.append("its samples have more than 8 bits: narrowed to 8")
    crop = _crop(properties, Size(image.height, image.width), found)
    source = read_with_pillow(origin, "AVIF", lambda _: found, lossless=False, crop=crop)
    return replace(source, frames=partial(_frames, origin, source)) if still else source


def _turn_of_container(image: Image.Image) -> int:
    """The orientation that counts: Pillow has written it into the EXIF data."""
    exif = Image.Exif()
    exif.load(image.info.get("exif", b""))
    return int(exif.get(_ORIENTATION, 1))


def _crop(properties: ItemProperties, size: Size, found: Collected) -> Crop | None:
    try:
        return properties.crop_of(size)
    except (ValueError, ArithmeticError):
        found.notes.append("its crop makes no sense and was ignored")
        return None


def _read_deep(origin: Origin, properties: ItemProperties, found: Collected) -> Source:
    # libvips turns and crops by itself.
    found.orientation = 1
    stored = VipsPicture(origin)
    grey = properties.is_grey
    source = read_with_vips(
        origin,
        format_name="AVIF",
        size=stored.size,
        mode=Mode.RGB,
        depth=16,
        has_alpha=stored.channels == Mode.RGB.channels + 1,
        found=found,
        lossless=False,
        in_rows=False,
    )
    info = replace(source.info, mode=Mode.GREY) if grey else source.info
    return replace(source, info=info).converted(partial(_fill_range, bits=properties.depth, grey=grey))


def _fill_range(frame: Frame, *, bits: int, grey: bool) -> Frame:
    """Undo that libvips fills 16 bits from above with zeros below."""
    factor = np.float32((2**16 - 1) / ((2**bits - 1) << (16 - bits)))
    colour = frame.colour[:, :, :1] if grey else frame.colour
    return replace(frame, colour=colour * factor, alpha=None if frame.alpha is None else frame.alpha * factor)


def _frames(origin: Origin, source: Source) -> Iterator[Frame]:
    _check_bitstream(origin)
    yield from source.frames()


def _check_bitstream(origin: Origin) -> None:
    """Refuse a picture that libvips finds corrupt: the decoder that Pillow has passes over changed bytes.

    Raises:
        ValueError: it is corrupt.
    """
    try:
        picture = VipsPicture(origin)
        for top in range(0, picture.size.height, _ROWS):
            picture.fetch(top, min(_ROWS, picture.size.height - top))
    except ValueError as error:
        # libvips lacks some kinds of AVIF that Pillow reads.
        if "corrupt" in str(error).lower():
            raise
