"""Which metadata a format has room for."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from srcli.imaging.colour.profiles import is_srgb
from srcli.imaging.metadata import exif
from srcli.imaging.metadata.jpeg_segments import EXIF, SEGMENT_BYTES
from srcli.imaging.metadata.xmp_segments import split_packet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from srcli.imaging.formats import Format
    from srcli.imaging.picture import Metadata, Text

_LABELS = {
    "exif": "EXIF data",
    "xmp": "XMP data",
    "iptc": "IPTC data",
    "photoshop": "Photoshop resources",
    "geotiff": "place on the map (GeoTIFF)",
    "dpi": "resolution",
    "aspect": "shape of the pixels",
}


@dataclass(slots=True)
class _Fitting:
    """The metadata that is kept, and the names of what is lost."""

    kept: Metadata
    lost: list[str] = field(default_factory=list)


def fit_metadata(metadata: Metadata, target: Format) -> tuple[Metadata, tuple[str, ...]]:
    """The part of the metadata that a format holds, and a warning that names the rest."""
    fitting = _Fitting(metadata)
    if metadata.dpi and "dpi" not in target.metadata and "exif" in target.metadata:
        _move_resolution(fitting)
    if metadata.icc and "icc" not in target.metadata:
        fitting.kept = replace(fitting.kept, icc=None)
        # Without a profile a picture is taken for sRGB, so that one says nothing new.
        fitting.lost += [] if is_srgb(metadata.icc) else ["colour profile"]
    for name, label in _LABELS.items():
        if name not in target.metadata and getattr(fitting.kept, name):
            nothing: dict[str, Any] = {name: None}
            fitting.kept = replace(fitting.kept, **nothing)
            fitting.lost.append(label)
    _fit_texts(fitting, target)
    _fit_parts(fitting, target)
    if target.name == "JPEG":
        _fit_segments(fitting)
    if target.name == "TIFF" and fitting.kept.exif and (tags := exif.flaws(fitting.kept.exif)):
        fitting.lost.append(f"damaged EXIF fields ({_hexadecimal(tags)})")
    lost = fitting.lost
    return fitting.kept, ((f"{target.name} has no room for the {', '.join(lost)}: dropped",) if lost else ())


def _move_resolution(fitting: _Fitting) -> None:
    """State the resolution in EXIF data, which may do so already."""
    kept = fitting.kept
    if kept.dpi:
        fitting.kept = replace(kept, dpi=None, exif=exif.with_resolution(kept.exif, kept.dpi))


def _fit_texts(fitting: _Fitting, target: Format) -> None:
    texts = fitting.kept.text
    if "text" in target.metadata:
        return
    kept = tuple(text for text in texts if text.keyword == "Comment" and _fits_comment(text, target))
    if kept != texts:
        fitting.lost.append("text")
    fitting.kept = replace(fitting.kept, text=kept)


def _fits_comment(text: Text, target: Format) -> bool:
    too_long = target.name == "JPEG" and len(text.data) > SEGMENT_BYTES
    return "comment" in target.metadata and not too_long


def _fit_parts(fitting: _Fitting, target: Format) -> None:
    """What only files of the original's own format hold."""
    kept = fitting.kept
    if kept.segments and "segments" not in target.metadata:
        names = sorted({f"APP{code - 0xE0} {_printable(body)}".strip() for code, body in kept.segments})
        fitting.lost.append(f"JPEG segments {', '.join(names)}")
        fitting.kept = kept = replace(kept, segments=())
    if kept.chunks and "chunks" not in target.metadata:
        names = sorted({name.decode("latin-1") for name, _ in kept.chunks})
        fitting.lost.append(f"PNG chunks {', '.join(names)}")
        fitting.kept = replace(kept, chunks=())


def _hexadecimal(tags: Iterable[int]) -> str:
    return ", ".join(f"0x{tag:04x}" for tag in tags)


def _printable(body: bytes) -> str:
    """The name that a segment begins with."""
    name = body[:16].split(b"\0")[0].decode("latin-1")
    return name if name.isascii() and name.isprintable() else ""


def _fit_segments(fitting: _Fitting) -> None:
    """A segment of a JPEG file counts its length in 16 bits; XMP and IPTC data may take several."""
    kept = fitting.kept
    if kept.exif and len(kept.exif) > SEGMENT_BYTES - len(EXIF):
        block, tags = exif.fitting(kept.exif, SEGMENT_BYTES - len(EXIF))
        fitting.lost.append(f"largest EXIF fields ({_hexadecimal(tags)})")
        fitting.kept = kept = replace(kept, exif=block)
    try:
        list(split_packet(kept.xmp or b""))
    except (ValueError, struct.error):
        fitting.lost.append("XMP data")
        fitting.kept = replace(kept, xmp=None)
