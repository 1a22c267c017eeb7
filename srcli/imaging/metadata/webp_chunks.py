"""The chunks of a WebP file that hold metadata (RFC 9649, section 2.7)."""

from __future__ import annotations

from srcli.imaging.picture import Metadata

_KNOWN = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP", b"EXIF", b"XMP "})


def metadata_of_webp(data: bytes) -> tuple[Metadata, list[str]]:
    """EXIF and XMP data, whether or not the header announces them, and notes about unknown chunks."""
    found: dict[bytes, bytes] = {}
    position = 12
    while position + 8 <= len(data):
        length = int.from_bytes(data[position + 4 : position + 8], "little")
        found.setdefault(data[position : position + 4], data[position + 8 : position + 8 + length])
        position += 8 + length + length % 2
    unknown = sorted(name.decode("latin-1").strip() for name in found.keys() - _KNOWN)
    metadata = Metadata(
        exif=found.get(b"EXIF", b"").removeprefix(b"Exif\0\0") or None, xmp=found.get(b"XMP ") or None
    )
    return metadata, [f"unknown WebP chunks were dropped: {', '.join(unknown)}"] if unknown else []
