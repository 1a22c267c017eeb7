"""Which metadata a format has room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.imaging.picture import Metadata
from srcli.imaging.profiles import is_srgb

if TYPE_CHECKING:
    from srcli.imaging.formats import Format

# A segment of a JPEG file counts its length in 16 bits, and begins with the name of what it holds.
_SEGMENT_BYTES = 65533
_SEGMENT_NAMES = {"exif": 6, "xmp": 29, "iptc": 40, "comment": 0}
_LABELS = {
    "icc": "colour profile",
    "exif": "EXIF data",
    "xmp": "XMP data",
    "iptc": "IPTC data",
    "dpi": "resolution",
    "text": "text",
}


def fit_metadata(metadata: Metadata, target: Format) -> tuple[Metadata, tuple[str, ...]]:
    """The part of the metadata that a format holds, and a warning that names the rest."""
    kept = Metadata(
        icc=metadata.icc if "icc" in target.metadata else None,
        exif=_fitting(metadata.exif, "exif", target),
        xmp=_fitting(metadata.xmp, "xmp", target),
        iptc=_fitting(metadata.iptc, "iptc", target),
        dpi=metadata.dpi if "dpi" in target.metadata else None,
        text=_fitting_text(metadata, target),
        colour_chunks=metadata.colour_chunks if target.name == "PNG" else (),
    )
    lost = [label for name, label in _LABELS.items() if _is_lost(name, metadata, kept)]
    return kept, ((f"{target.name} has no room for the {', '.join(lost)}: dropped",) if lost else ())


def _fitting(block: bytes | None, kind: str, target: Format) -> bytes | None:
    if block is None or kind not in target.metadata:
        return None
    too_long = target.name == "JPEG" and len(block) > _SEGMENT_BYTES - _SEGMENT_NAMES[kind]
    return None if too_long else block


def _fitting_text(metadata: Metadata, target: Format) -> tuple[tuple[str, str], ...]:
    if "text" in target.metadata:
        return metadata.text
    if "comment" not in target.metadata:
        return ()
    comments = [entry for entry in metadata.text if entry[0] == "Comment" and _fits_comment(entry[1], target)]
    return tuple(comments[:1])


def _fits_comment(text: str, target: Format) -> bool:
    return target.name != "JPEG" or len(text.encode()) <= _SEGMENT_BYTES


def _is_lost(name: str, before: Metadata, after: Metadata) -> bool:
    found = getattr(before, name)
    if name == "icc":
        # Without a profile a picture is taken for sRGB, so that one says nothing new.
        return bool(found) and not after.icc and not is_srgb(found)
    if name == "dpi":
        # EXIF states the resolution as well.
        return bool(found) and not after.dpi and not after.exif
    return bool(found) and getattr(after, name) != found
