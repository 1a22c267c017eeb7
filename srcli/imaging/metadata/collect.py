"""What a file says beside its pixels, collected into one ``Metadata``; damaged parts go with a note."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from srcli.imaging.metadata import exif, xmp
from srcli.imaging.picture import Metadata
from srcli.imaging.png_chunks import COLOUR_CHUNKS, Chunk, inflate, pack_text, unpack_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from srcli.core.geometry import Size

_XMP_KEYWORD = "XML:com.adobe.xmp"
_INCH_IN_METRES = 0.0254


@dataclass(slots=True)
class Collected:
    """Metadata as it was found, the orientation that it states, and notes about what was dropped."""

    metadata: Metadata = field(default_factory=Metadata)
    orientation: int = 1
    notes: list[str] = field(default_factory=list)

    def settle_as(self, orientation: int) -> Collected:
        """Like ``settle``, for a file that states its orientation beside its EXIF data."""
        self.settle()
        self.orientation = orientation if 1 <= orientation <= 8 else 1
        return self

    def settle(self) -> Collected:
        """Take the orientation out of the metadata: who calls this bakes it into the pixels.

        An EXIF block that can't be understood is dropped, since no one could say what it makes of the
        picture.
        """
        block, packet = self.metadata.exif, self.metadata.xmp
        try:
            if block:
                self.orientation = exif.read_orientation(block)
                block = exif.upright(block)
        except (ValueError, struct.error):
            block = None
            self.notes.append("its EXIF data is damaged and was dropped")
        self.metadata = replace(
            self.metadata, exif=block or None, xmp=xmp.upright(packet) if packet else None
        )
        return self


def metadata_of_png(chunks: Iterable[Chunk]) -> Collected:
    """Collect from the chunks of a PNG file."""
    found = Collected()
    text: list[tuple[str, str]] = []
    colour: list[Chunk] = []
    for name, data in chunks:
        try:
            if name in (b"tEXt", b"zTXt", b"iTXt"):
                text.append(unpack_text(name, data))
            elif name in COLOUR_CHUNKS:
                colour.append((name, data))
            else:
                _collect_chunk(found, name, data)
        except (ValueError, LookupError, struct.error, zlib.error):
            found.notes.append(f"a damaged {name.decode('latin-1')} chunk was dropped")
    packets = [value.encode() for keyword, value in text if keyword == _XMP_KEYWORD]
    found.metadata = replace(
        found.metadata,
        xmp=packets[0] if packets else None,
        text=tuple(entry for entry in text if entry[0] != _XMP_KEYWORD),
        colour_chunks=tuple(colour),
    )
    return found.settle()


def chunks_of_metadata(metadata: Metadata) -> list[Chunk]:
    """The chunks by which a PNG file holds this metadata."""
    chunks: list[Chunk] = []
    if metadata.icc:
        chunks.append((b"iCCP", b"ICC profile\0\0" + zlib.compress(metadata.icc)))
    # Of sRGB and iCCP a file may have one only; cHRM, gAMA and cICP may stand beside either.
    chunks += [chunk for chunk in metadata.colour_chunks if not (metadata.icc and chunk[0] == b"sRGB")]
    if metadata.dpi:
        across, down = (round(dots / _INCH_IN_METRES) for dots in metadata.dpi)
        chunks.append((b"pHYs", struct.pack(">IIB", across, down, 1)))
    if metadata.exif:
        chunks.append((b"eXIf", metadata.exif))
    if metadata.xmp:
        chunks.append((b"iTXt", _XMP_KEYWORD.encode() + b"\0\0\0\0\0" + metadata.xmp))
    return chunks + [pack_text(keyword, value) for keyword, value in metadata.text]


def with_size(metadata: Metadata, size: Size) -> Metadata:
    """The metadata with the picture sizes it states changed to ``size``."""
    return replace(
        metadata,
        exif=exif.with_size(metadata.exif, size) if metadata.exif else None,
        xmp=xmp.with_size(metadata.xmp, size) if metadata.xmp else None,
    )


def _collect_chunk(found: Collected, name: bytes, data: bytes) -> None:
    if name == b"iCCP":
        _, _, packed = data.partition(b"\0")
        found.metadata = replace(found.metadata, icc=inflate(packed[1:]))
    elif name == b"eXIf":
        found.metadata = replace(found.metadata, exif=data.removeprefix(b"Exif\0\0"))
    elif name == b"pHYs":
        across, down, unit = struct.unpack(">IIB", data)
        if unit == 1:
            found.metadata = replace(found.metadata, dpi=(across * _INCH_IN_METRES, down * _INCH_IN_METRES))
