"""Which reader serves which format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.imaging.metadata import metadata_of_png
from srcli.imaging.pillow_reader import collect_from_info, read_with_pillow
from srcli.imaging.png_chunks import read_chunks

if TYPE_CHECKING:
    from collections.abc import Callable

    from srcli.imaging.source import Origin, Source


def _read_png(origin: Origin) -> Source:
    found = metadata_of_png(read_chunks(origin.stream))
    return read_with_pillow(origin, "PNG", lambda _: found, lossless=True)


def _read_lossy(format: str) -> Callable[[Origin], Source]:
    return lambda origin: read_with_pillow(origin, format, collect_from_info, lossless=False)


def _read_lossless(format: str) -> Callable[[Origin], Source]:
    return lambda origin: read_with_pillow(origin, format, collect_from_info, lossless=True)


READERS: dict[str, Callable[[Origin], Source]] = {
    "PNG": _read_png,
    "JPEG": _read_lossy("JPEG"),
    "WEBP": _read_lossy("WEBP"),
    "TIFF": _read_lossless("TIFF"),
    "BMP": _read_lossless("BMP"),
    "AVIF": _read_lossy("AVIF"),
    "GIF": _read_lossless("GIF"),
    "PPM": _read_lossless("PPM"),
}
