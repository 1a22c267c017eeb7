"""The chunks by which a PNG file holds metadata (PNG, third edition, section 11.3, and its extensions)."""

from __future__ import annotations

import re
import struct
import zlib
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from srcli.imaging.containers.png_chunks import (
    COLOUR_CHUNKS,
    Chunk,
    TooLargeError,
    Unpacker,
    pack_text,
    unpack_text,
)
from srcli.imaging.limits import TooMuchError
from srcli.imaging.metadata.collect import Collected
from srcli.imaging.metadata.photoshop import take_apart, with_iptc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from srcli.imaging.metadata.change import Change
    from srcli.imaging.picture import Metadata, Text

_XMP_KEYWORD = "XML:com.adobe.xmp"
_RAW_PROFILE = "Raw profile type "
_INCH_IN_METRES = 0.0254
_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
# How pixels are stored, in the original and in no other file.
_STRUCTURAL = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"acTL", b"fcTL", b"fdAT", b"hIST", b"sBIT", b"iDOT"}
)
# True of any size, though their names say that they may depend on the pixels.
_TRUE_OF_ANY = frozenset({b"tIME", b"pCAL", b"sPLT", b"sTER", b"sCAL", b"oFFs", b"caNv", b"vpAg", b"bKGD"})
_CREDENTIALS = b"caBX"
_PALETTE = 3


def metadata_of_png(chunks: Iterable[Chunk]) -> Collected:
    """Collect from the chunks of a PNG file.

    Raises:
        TooMuchError: compressed ones unfold to more than any file holds.
    """
    found, unpacker = Collected(), Unpacker()
    text: list[Text] = []
    colour: list[Chunk] = []
    header: dict[bytes, bytes] = {}
    for name, data in chunks:
        with _told(found, name):
            if name in _TEXTS:
                text.append(unpack_text(name, data, unpacker))
            elif name in COLOUR_CHUNKS:
                colour.append((name, data))
            elif name in _STRUCTURAL:
                header.setdefault(name, data)
            else:
                _collect_chunk(found, name, data, header, unpacker)
    found.metadata = replace(
        found.metadata,
        text=tuple(entry for entry in text if not _is_profile(entry)),
        colour_chunks=tuple(colour),
    )
    for entry in filter(_is_profile, text):
        _collect_profile(found, entry)
    return found.settle()


@contextmanager
def _told(found: Collected, name: bytes) -> Iterator[None]:
    """Leave out a chunk that can't be kept, with a note."""
    chunk = name.decode("latin-1")
    try:
        yield
    except TooMuchError:
        raise
    except TooLargeError:
        note = f"a {chunk} chunk is too large and was left out"
        found.notes += [] if note in found.notes else [note]
    except (ValueError, LookupError, struct.error, zlib.error):
        found.notes.append(f"a damaged {chunk} chunk was dropped")


def chunks_of_metadata(metadata: Metadata) -> list[Chunk]:
    """The chunks by which a PNG file holds this metadata."""
    chunks: list[Chunk] = []
    if metadata.icc:
        chunks.append((b"iCCP", b"ICC profile\0\0" + zlib.compress(metadata.icc)))
    # Of sRGB and iCCP a file may have one only; cHRM, gAMA and cICP may stand beside either.
    chunks += [chunk for chunk in metadata.colour_chunks if not (metadata.icc and chunk[0] == b"sRGB")]
    chunks += metadata.chunks
    if metadata.dpi:
        across, down = (round(dots / _INCH_IN_METRES) for dots in metadata.dpi)
        chunks.append((b"pHYs", struct.pack(">IIB", across, down, 1)))
    elif metadata.aspect:
        chunks.append((b"pHYs", struct.pack(">IIB", *(max(1, round(part)) for part in metadata.aspect), 0)))
    if metadata.exif:
        chunks.append((b"eXIf", metadata.exif))
    if metadata.xmp:
        chunks.append((b"iTXt", _XMP_KEYWORD.encode() + b"\0\0\0\0\0" + metadata.xmp))
    if metadata.iptc or metadata.photoshop:
        chunks.append(_pack_profile("iptc", with_iptc(metadata.photoshop, metadata.iptc)))
    return chunks + [pack_text(text) for text in metadata.text]


def follow_chunks(chunks: Iterable[Chunk], change: Change) -> tuple[tuple[Chunk, ...], tuple[str, ...]]:
    """Chunks as they are true of the new picture, and warnings that name what had to go."""
    kept: list[Chunk] = []
    lost: list[str] = []
    for name, data in chunks:
        if name not in _FOLLOWERS:
            kept.append((name, data))
        elif change.turned and name != b"sCAL":
            lost.append(f"its place on a canvas ({name.decode()}) is dropped, as it is turned")
        else:
            try:
                kept.append((name, _FOLLOWERS[name](data, change)))
            except (ValueError, struct.error):
                lost.append(f"a damaged {name.decode()} chunk was dropped")
    return tuple(kept), tuple(lost)


def _collect_chunk(
    found: Collected, name: bytes, data: bytes, header: dict[bytes, bytes], unpacker: Unpacker
) -> None:
    if name == b"iCCP":
        _, _, packed = data.partition(b"\0")
        found.metadata = replace(found.metadata, icc=unpacker.inflate(packed[1:]))
    elif name == b"eXIf":
        found.metadata = replace(found.metadata, exif=data.removeprefix(b"Exif\0\0"))
    elif name == b"pHYs":
        _collect_density(found, *struct.unpack(">IIB", data))
    elif name == b"bKGD":
        _keep(found, name, _background(data, header))
    elif name in _TRUE_OF_ANY or name[3:4].islower():
        _keep(found, name, data)
    elif name == _CREDENTIALS:
        found.notes.append("its content credentials sign the pixels of the original: dropped")
    else:
        found.notes.append(f"a {name.decode('latin-1')} chunk depends on the pixels of the original: dropped")


def _collect_density(found: Collected, across: int, down: int, unit: int) -> None:
    if unit == 1:
        found.metadata = replace(found.metadata, dpi=(across * _INCH_IN_METRES, down * _INCH_IN_METRES))
    elif across != down and across and down:
        found.metadata = replace(found.metadata, aspect=(float(across), float(down)))


def _keep(found: Collected, name: bytes, data: bytes) -> None:
    found.metadata = replace(found.metadata, chunks=(*found.metadata.chunks, (name, data)))


def _background(data: bytes, header: dict[bytes, bytes]) -> bytes:
    """A background colour as files of 8 or 16 bits without a palette have it."""
    depth, colour_type = header[b"IHDR"][8:10]
    if colour_type == _PALETTE:
        entry = header[b"PLTE"][3 * data[0] :][:3]
        return struct.pack(">3H", *entry)
    values = struct.unpack(f">{len(data) // 2}H", data)
    if depth < 8:
        values = tuple(value * 255 // (2**depth - 1) for value in values)
    return struct.pack(f">{len(values)}H", *values)


def _is_profile(text: Text) -> bool:
    return text.keyword == _XMP_KEYWORD or text.keyword.startswith(_RAW_PROFILE)


def _collect_profile(found: Collected, text: Text) -> None:
    """XMP, or what ImageMagick and exiftool write as hexadecimal digits; standard places come first."""
    metadata = found.metadata
    if text.keyword == _XMP_KEYWORD:
        found.metadata = replace(metadata, xmp=metadata.xmp or text.data)
        return
    try:
        data = _unpack_profile(text.value)
    except ValueError:
        found.notes.append(f"a damaged {text.keyword} was dropped")
        return
    kind = text.keyword.removeprefix(_RAW_PROFILE).lower()
    if kind in ("iptc", "8bim"):
        iptc, xmp, photoshop = take_apart(data) if data.startswith(b"8BIM") else (data, None, None)
        found.metadata = replace(
            metadata,
            iptc=metadata.iptc or iptc,
            xmp=metadata.xmp or xmp,
            photoshop=metadata.photoshop or photoshop,
        )
    elif data.startswith((b"Exif\0\0", b"II", b"MM")):
        found.metadata = replace(metadata, exif=metadata.exif or data.removeprefix(b"Exif\0\0"))
    elif kind in ("xmp", "app1"):
        packet = data.removeprefix(b"http://ns.adobe.com/xap/1.0/\0")
        found.metadata = replace(metadata, xmp=metadata.xmp or packet)
    elif kind in ("icc", "icm"):
        found.metadata = replace(metadata, icc=metadata.icc or data)
    else:
        found.metadata = replace(metadata, text=(*metadata.text, text))


def _unpack_profile(text: str) -> bytes:
    """A newline, a name, a length and hexadecimal digits."""
    parts = re.match(r"\s*\S+\s+(\d+)\s", text)
    if parts is None:
        raise ValueError("no raw profile")
    data = bytes.fromhex(text[parts.end() :])
    if len(data) < int(parts[1]):
        raise ValueError("a raw profile that ends early")
    return data[: int(parts[1])]


def _pack_profile(kind: str, data: bytes) -> Chunk:
    digits = data.hex()
    lines = "\n".join(digits[start : start + 72] for start in range(0, len(digits), 72))
    value = f"\n{kind}\n{len(data):8}\n{lines}\n".encode()
    return b"zTXt", f"{_RAW_PROFILE}{kind}\0\0".encode() + zlib.compress(value)


def _follow_scale(data: bytes, change: Change) -> bytes:
    """Unit, width and height of a pixel on the pictured thing, as texts (sCAL)."""
    width, height = (float(part) for part in data[1:].split(b"\0", 1))
    across, down = change.extent(width, height)
    return data[:1] + f"{across / change.across:.9g}\0{down / change.down:.9g}".encode()


def _follow_offset(data: bytes, change: Change) -> bytes:
    """Where the picture begins on a page; 1 for micrometres, 0 for pixels (oFFs)."""
    x, y, unit = struct.unpack(">iiB", data)
    if unit == 1:
        return data
    return struct.pack(">iiB", round(x * change.across), round(y * change.down), unit)


def _follow_canvas(data: bytes, change: Change) -> bytes:
    """Size of a canvas, and where the picture begins on it, in pixels (caNv; vpAg has no place)."""
    numbers = struct.unpack_from(f">{len(data) // 4}i", data)
    factors = (change.across, change.down) * 2
    scaled = [round(number * factor) for number, factor in zip(numbers, factors, strict=False)]
    return struct.pack(f">{len(scaled)}i", *scaled) + data[4 * len(scaled) :]


_FOLLOWERS = {
    b"sCAL": _follow_scale,
    b"oFFs": _follow_offset,
    b"caNv": _follow_canvas,
    b"vpAg": _follow_canvas,
}
