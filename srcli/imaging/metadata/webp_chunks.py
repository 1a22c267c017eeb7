"""The chunks of a WebP file that hold metadata (RFC 9649, section 2.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.imaging.picture import Metadata

if TYPE_CHECKING:
    from srcli.imaging.containers.webp_file import WebpFile


def metadata_of_webp(data: bytes, file: WebpFile) -> Metadata:
    """EXIF and XMP data, whether or not the header announces them."""
    found: dict[bytes, bytes] = {}
    for name, start, length in file.chunks:
        found.setdefault(name, data[start : start + length])
    return Metadata(
        exif=found.get(b"EXIF", b"").removeprefix(b"Exif\0\0") or None, xmp=found.get(b"XMP ") or None
    )
