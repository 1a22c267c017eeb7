"""PNG files: 16 bits through libvips, fewer and animations through Pillow."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from srcli.imaging.containers.png_amount import check_amount, unpacked_bytes
from srcli.imaging.containers.png_chunks import without_exif
from srcli.imaging.containers.png_file import GREY, GREY_ALPHA, open_decodable, read_png_file
from srcli.imaging.metadata.exif import is_readable
from srcli.imaging.metadata.png import metadata_of_png
from srcli.imaging.picture import Mode
from srcli.imaging.readers.pillow_reader import read_with_pillow
from srcli.imaging.readers.vips_reader import read_with_vips

if TYPE_CHECKING:
    from PIL import Image

    from srcli.imaging.containers.png_file import PngFile
    from srcli.imaging.metadata.collect import Collected
    from srcli.imaging.readers.source import Origin, Source

_LIGHT_BYTES = 2**20
_LARGE_PIXELS = 2**22
"""From which on libvips saves more time than it takes to load."""
_SMALL_BYTES = 2**24
"""Of rows, which are unpacked once more when a file is opened; larger pictures, when they are decoded."""


def read_png(origin: Origin) -> Source:
    """Read the header of a PNG file, and what it says beside its pixels."""
    file = read_png_file(origin.stream, origin.name)
    found = metadata_of_png(file.chunks)
    found.notes += file.notes
    if not all(is_readable(data.removeprefix(b"Exif\0\0")) for name, data in file.chunks if name == b"eXIf"):
        # libvips may try for minutes.
        origin = origin.edited(without_exif)
        file = read_png_file(origin.stream, origin.name)
    is_small = unpacked_bytes(file) <= _SMALL_BYTES
    if is_small:
        check_amount(origin.stream, file)
    if file.depth == 16:
        wide = _read_wide(origin, file, found)
        return wide if is_small else wide.behind(partial(check_amount, origin.stream, file))

    def collect(image: Image.Image) -> Collected:
        key = image.info.get("transparency")
        if image.mode == "L" and isinstance(key, int) and file.depth < 8:
            # Pillow widens pixels of 2 and 4 bits to 8, but not the level that stands for transparent.
            image.info["transparency"] = key * 255 // (2**file.depth - 1)
        return found

    plain = file.depth == 8 and not (file.is_interlaced or {b"PLTE", b"tRNS", b"acTL"} & set(file.order))
    decodable = open_decodable(origin.stream, file)
    # libvips takes two thirds of Pillow's time, and reads the file with all that stands beside its pixels.
    is_light = sum(len(data) for _, data in file.chunks) <= _LIGHT_BYTES
    saves_time = plain and is_light and file.size.pixels >= _LARGE_PIXELS
    source = read_with_pillow(
        origin,
        "PNG",
        collect,
        lossless=True,
        for_vips=lambda _: saves_time,
        in_rows=lambda _: plain,
        stream=decodable,
    )
    return source if is_small else source.behind(partial(check_amount, origin.stream, file))


def _read_wide(origin: Origin, file: PngFile, found: Collected) -> Source:
    if file.is_animated:
        found.notes.append("it is a 16-bit animation: only its first picture is used")
    return read_with_vips(
        origin,
        format_name="PNG",
        size=file.size,
        mode=Mode.GREY if file.colour_type in (GREY, GREY_ALPHA) else Mode.RGB,
        depth=16,
        has_alpha=file.has_alpha,
        found=found,
        in_rows=not file.is_interlaced,
    )
