"""Which reader serves which format."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from srcli.imaging.metadata.exif import is_readable
from srcli.imaging.metadata.jpeg_segments import (
    describe_trailer,
    metadata_of_jpeg,
    read_segments,
    without_exif,
)
from srcli.imaging.readers.avif_reader import read_avif
from srcli.imaging.readers.bmp_reader import read_bmp
from srcli.imaging.readers.gif_reader import read_gif
from srcli.imaging.readers.heic_reader import read_heic
from srcli.imaging.readers.jxl_reader import open_jxl
from srcli.imaging.readers.mpo import views_of
from srcli.imaging.readers.netpbm_reader import read_netpbm
from srcli.imaging.readers.pillow_reader import collect_from_info, read_with_pillow
from srcli.imaging.readers.png_reader import read_png
from srcli.imaging.readers.source import check_page_number
from srcli.imaging.readers.tiff_reader import read_tiff
from srcli.imaging.readers.webp_reader import read_webp

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image

    from srcli.imaging.metadata.collect import Collected
    from srcli.imaging.readers.source import Origin, Source


def _read_jpeg(origin: Origin) -> Source:
    origin.stream.seek(0)
    data = origin.stream.read()
    if origin.page:
        views = views_of(data)
        check_page_number(origin, len(views))
        data = views[origin.page - 1].data
        origin = origin.edited(lambda _: data) if origin.page > 1 else origin
    segments = read_segments(data)
    metadata, notes = metadata_of_jpeg(segments)
    if metadata.exif and not is_readable(metadata.exif):
        origin = origin.edited(without_exif)

    def collect(image: Image.Image) -> Collected:
        found = collect_from_info(image, metadata)
        indexed = image.format == "MPO"
        behind = describe_trailer(segments, metadata.xmp, indexed=indexed)
        found.notes += [*notes, *([behind] if behind else [])]
        if indexed and origin.page is None:
            found.notes.append(_FURTHER_VIEWS)
        return found

    return read_with_pillow(
        origin,
        "JPEG",
        collect,
        lossless=False,
        for_vips=lambda _: True,
        in_rows=lambda image: not image.info.get("progressive"),
    )


def _read_jxl(origin: Origin) -> Source:
    file = open_jxl(origin)
    if file.source:
        return file.source
    jpeg = file.jpeg or b""
    source = _read_jpeg(origin.edited(lambda _: jpeg))
    return replace(source, info=replace(source.info, format="JXL"))


_FURTHER_VIEWS = (
    "it holds further pictures (another view, or a gain map): only the first is used; --page takes others"
)

READERS: dict[str, Callable[[Origin], Source]] = {
    "PNG": read_png,
    "JPEG": _read_jpeg,
    "WEBP": read_webp,
    "TIFF": read_tiff,
    "BMP": read_bmp,
    "AVIF": read_avif,
    "HEIC": read_heic,
    "JXL": _read_jxl,
    "GIF": read_gif,
    "PPM": read_netpbm,
}
