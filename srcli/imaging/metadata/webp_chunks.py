"""The chunks of a WebP file that hold metadata (RFC 9649, section 2.7)."""

from __future__ import annotations

from srcli.imaging.limits import Allowance
from srcli.imaging.picture import Metadata

_PIXELS = frozenset({b"VP8 ", b"VP8L", b"ALPH", b"ANMF"})
_KNOWN = _PIXELS | {b"VP8X", b"ANIM", b"ICCP", b"EXIF", b"XMP "}


def metadata_of_webp(data: bytes) -> tuple[Metadata, list[str]]:
    """EXIF and XMP data, whether or not the header announces them, and notes about unknown chunks.

    Raises:
        TooMuchError: there are more chunks than in any honest file, or they are larger.
    """
    found: dict[bytes, bytes] = {}
    position, beside = 12, Allowance()
    # What follows the picture is no part of it.
    end = min(len(data), int.from_bytes(data[4:8], "little") + 8)
    while position + 8 <= end:
        length = int.from_bytes(data[position + 4 : position + 8], "little")
        if data[position : position + 4] not in _PIXELS:
            beside.spend(length)
        found.setdefault(data[position : position + 4], data[position + 8 : position + 8 + length])
        position += 8 + length + length % 2
    unknown = sorted(name.decode("latin-1").strip() for name in found.keys() - _KNOWN)
    metadata = Metadata(
        exif=found.get(b"EXIF", b"").removeprefix(b"Exif\0\0") or None, xmp=found.get(b"XMP ") or None
    )
    return metadata, [f"unknown WebP chunks were dropped: {', '.join(unknown)}"] if unknown else []
