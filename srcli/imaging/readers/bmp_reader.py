"""BMP files through Pillow, behind a look at whether their fields agree."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, cast

from srcli.core.geometry import Size
from srcli.imaging.containers.bmp_layout import (
    RLE4,
    RLE8,
    check_coded_rows,
    check_layout,
    with_more_colours,
)
from srcli.imaging.limits import check_run_lengths
from srcli.imaging.metadata.bmp_header import metadata_of_bmp
from srcli.imaging.readers.pillow_reader import collect_from_info, read_with_pillow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import Image

    from srcli.imaging.containers.bmp_layout import BmpLayout
    from srcli.imaging.metadata.collect import Collected
    from srcli.imaging.picture import Frame
    from srcli.imaging.readers.source import Origin, Source

_FEW = 2
_NIBBLE, _BYTE = 4, 8


def read_bmp(origin: Origin) -> Source:
    """Read the header of a BMP file."""
    origin.stream.seek(0)
    data = origin.stream.read()
    metadata = metadata_of_bmp(data)
    layout = check_layout(origin.stream)
    images: list[Image.Image] = []

    def collect(image: Image.Image) -> Collected:
        images.append(image)
        if image.info.get("compression") in (RLE8, RLE4):
            check_run_lengths(origin.size_bytes, Size(image.height, image.width))
        return collect_from_info(image, metadata)

    decodable = _decodable(data, layout) if layout else None
    source = read_with_pillow(origin, "BMP", collect, lossless=True, stream=decodable)
    if layout is None:
        return source
    return replace(source, frames=lambda: _checked(origin, layout, source, images[0]))


def _decodable(data: bytes, layout: BmpLayout) -> BytesIO | None:
    """The file as Pillow reads it right, where it wouldn't as it is.

    Pillow takes a palette of one or two greys for a picture of 1 bit, and one in which each number stands for
    the grey of that number for a picture of 8 bits, and reads pixels of 4 or 8 bits as such.
    """
    if layout.bits not in (_NIBBLE, _BYTE) or (layout.bits == _BYTE and layout.palette > _FEW):
        return None
    return BytesIO(with_more_colours(data, layout))


def _checked(origin: Origin, layout: BmpLayout, source: Source, image: Image.Image) -> Iterator[Frame]:
    """The picture, with its codes and its palette looked at."""
    if layout.compression in (RLE8, RLE4):
        check_coded_rows(origin.stream, layout)
    for frame in source.frames():
        if image.mode == "P":
            _, highest = cast("tuple[int, int]", image.getextrema())
            if highest >= layout.palette:
                raise ValueError(f"pixels of colour {highest} of a palette of {layout.palette}")
        yield frame
