"""The segments of a JPEG file that hold metadata, found and put in (ITU-T T.81, annex B; JFIF; Exif)."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, NamedTuple

from srcli.imaging.limits import MAX_FILL_BYTES, Allowance, check_scans
from srcli.imaging.metadata.photoshop import take_apart, with_iptc
from srcli.imaging.metadata.xmp import has_companions
from srcli.imaging.metadata.xmp_segments import EXTENSION, STANDARD, join_packets, split_packet
from srcli.imaging.picture import Metadata, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SEGMENT_BYTES = 65533
"""What a segment holds: its length, in 16 bits, counts itself."""
EXIF = b"Exif\0\0"
PHOTOSHOP = b"Photoshop 3.0\0"
_EXIF_SEGMENT = re.compile(rb"(\xff\xe1..)Exif", re.DOTALL)
_START, _END, _SCAN, _COMMENT = 0xD8, 0xD9, 0xDA, 0xFE
_JFIF, _APP1, _APP2, _APP8, _APP11, _APP13, _APP14 = 0xE0, 0xE1, 0xE2, 0xE8, 0xEB, 0xED, 0xEE
_APPLICATION = range(0xE0, 0xF0)
_ICC = b"ICC_PROFILE\0"
# Without the fill bytes before it: a search that can give them back takes time by the square of their number.
_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])", re.DOTALL)
_TWO_FILL_BYTES = b"\xff\xff"
# What describes how the original was encoded, small copies of it, and an index of pictures behind it.
_STRUCTURAL = (
    (_JFIF, b"JFIF\0"),
    (_JFIF, b"JFXX\0"),
    (_JFIF, b"AVI1"),
    (_APP2, _ICC),
    (_APP2, b"MPF\0"),
    (_APP2, b"urn:iso:std:iso:ts:21496"),
    (_APP8, b"SPIFF\0"),
    (_APP14, b"Adobe"),
)
_SIGNED = b"JP"
_SMALLEST_TRAILER = 4
_PICTURE_START = b"\xff\xd8\xff"
_PADDING_BYTES = 4096
# Ultra HDR, its standard (ISO 21496-1), and Apple's kind.
_GAIN_MAP_SIGNS = (b"hdr-gain-map", b"urn:iso:std:iso:ts:21496", b"HDRGainMap")


class Segments(NamedTuple):
    """Marker and body of each segment before the end of the picture, and what stands behind that."""

    found: list[tuple[int, bytes]]
    behind: bytes


def read_segments(data: bytes) -> Segments:
    """All segments of a file but those of its encoding.

    Raises:
        TooMuchError: there are more segments, fill bytes or scans than in any honest file.
    """
    found: list[tuple[int, bytes]] = []
    position, scans = 2, 0
    beside, fill = Allowance(), Allowance(len(data), MAX_FILL_BYTES, "of fill bytes")
    while marker := _MARKER.search(data, position):
        code, start = marker[1][0], marker.end()
        # What stands between two segments is no pixels before the first scan; in one, no two such bytes are.
        fill.spend(2 * data.count(_TWO_FILL_BYTES, position, start) if scans else marker.start() - position)
        scans += code == _SCAN
        check_scans(scans)
        if code == _END:
            return Segments(found, data[start:])
        length = int.from_bytes(data[start : start + 2], "big")
        if length < 2 or start + length > len(data):
            break
        beside.spend(length)
        if code in _APPLICATION or code == _COMMENT:
            found.append((code, data[start + 2 : start + length]))
        position = start + length
    return Segments(found, b"")


def metadata_of_jpeg(segments: Segments) -> tuple[Metadata, list[str]]:
    """What the segments say, but for colour and resolution, and notes about what was dropped."""
    found = segments.found
    notes: list[str] = []
    packet = next((body[len(STANDARD) :] for code, body in found if _is(code, body, _APP1, STANDARD)), None)
    if sum(_is(code, body, _APP1, STANDARD) for code, body in found) > 1:
        notes.append("it has several XMP packets: only the first is kept")
    extensions = [body[len(EXTENSION) :] for code, body in found if _is(code, body, _APP1, EXTENSION)]
    try:
        packet = join_packets(packet, extensions)
    except ValueError:
        notes.append("a part of its XMP data is damaged and was dropped")
    resources = b"".join(body[len(PHOTOSHOP) :] for code, body in found if _is(code, body, _APP13, PHOTOSHOP))
    iptc, embedded, photoshop = take_apart(resources)
    if any(code == _APP11 and body.startswith(_SIGNED) for code, body in found):
        notes.append("its content credentials sign the pixels of the original: dropped")
    comments = [body for code, body in found if code == _COMMENT and body.strip(b"\0")]
    metadata = Metadata(
        exif=_exif(found, notes),
        xmp=packet or embedded,
        iptc=iptc,
        photoshop=photoshop,
        text=tuple(Text.of_comment(body) for body in comments),
        segments=tuple((code, body) for code, body in found if _is_of_a_vendor(code, body)),
    )
    return metadata, notes


def without_exif(data: bytes) -> bytes:
    """A file whose EXIF data no reader knows for such; of the same length."""
    return _EXIF_SEGMENT.sub(rb"\1none", data)


def describe_trailer(segments: Segments, packet: bytes | None, *, indexed: bool) -> str | None:
    """A note about what stands behind the picture; None where there is nothing to speak of.

    Args:
        segments: of the file.
        packet: XMP data, which may speak of it.
        indexed: whether an index of further pictures, which has a note of its own, accounts for it.
    """
    data = segments.behind.rstrip(b"\0\xff\r\n ").lstrip(b"\0\r\n ")
    if len(data) < _SMALLEST_TRAILER:
        speaks = not indexed and has_companions(packet)
        return "its XMP data speaks of a gain map or a video that the file lacks: removed" if speaks else None
    if b"ftyp" in data[:64] or b"MotionPhoto_Data" in data:
        return "the video of a motion photo behind its picture is dropped"
    is_picture = _PICTURE_START in data[:_PADDING_BYTES]
    if is_picture and _speak_of_gain_map(segments):
        return "its gain map, for displays of high dynamic range, is dropped"
    if indexed:
        return None
    if is_picture:
        return "a further picture behind it (another view, or a gain map) is dropped"
    return f"{len(data)} bytes behind its picture are dropped"


def is_gain_map(jpeg: bytes) -> bool:
    """Whether a picture says of itself that it is, or belongs to, a gain map."""
    return _speak_of_gain_map(read_segments(jpeg))


def _speak_of_gain_map(segments: Segments) -> bool:
    return any(sign in body for sign in _GAIN_MAP_SIGNS for _, body in segments.found)


def segments_of_metadata(metadata: Metadata) -> Iterator[bytes]:
    """The segments that hold metadata, but for the colour profile and the resolution.

    Raises:
        ValueError: the XMP data is too long, and can't be spread.
    """
    if metadata.exif:
        yield _segment(_APP1, EXIF + metadata.exif)
    if metadata.xmp:
        for body in split_packet(metadata.xmp):
            yield _segment(_APP1, body)
    resources = with_iptc(metadata.photoshop, metadata.iptc)
    room = SEGMENT_BYTES - len(PHOTOSHOP)
    for start in range(0, len(resources), room):
        yield _segment(_APP13, PHOTOSHOP + resources[start : start + room])
    for code, body in metadata.segments:
        yield _segment(code, body)
    for text in metadata.text:
        yield _segment(_COMMENT, text.data)


def insert_segments(jpeg: bytes, metadata: Metadata) -> bytes:
    """An encoded file with its metadata; its first segment says how dense pixels are, where that is known."""
    position = 2
    if jpeg[2:4] == b"\xff\xe0":
        position += 2 + int.from_bytes(jpeg[4:6], "big")
    head = jpeg[2:position]
    density = _density(metadata)
    if density:
        head = _segment(_JFIF, b"JFIF\0\1\1" + struct.pack(">BHH", *density) + b"\0\0")
    return b"".join((jpeg[:2], head, *segments_of_metadata(metadata), jpeg[position:]))


def _density(metadata: Metadata) -> tuple[int, int, int] | None:
    """Unit (0 for none, 1 for inches) and density, across and down."""
    if metadata.dpi:
        across, down = (min(max(round(dots), 1), 0xFFFF) for dots in metadata.dpi)
        return 1, across, down
    if metadata.aspect:
        across, down = (min(max(round(part), 1), 0xFFFF) for part in metadata.aspect)
        return 0, across, down
    return None


def _is(code: int, body: bytes, wanted: int, name: bytes) -> bool:
    return code == wanted and body.startswith(name)


def _exif(found: Sequence[tuple[int, bytes]], notes: list[str]) -> bytes | None:
    """The first EXIF block, with the segments that continue it where it is longer than one."""
    blocks: list[bytes] = []
    for code, body in found:
        # The second of the two zero bytes is wrong in files of some programs.
        if not _is(code, body, _APP1, EXIF[:5]):
            continue
        data = body[len(EXIF) :]
        if blocks and data[:2] not in (b"II", b"MM"):
            blocks[-1] += data
        else:
            blocks.append(data)
    if len(blocks) > 1:
        notes.append("it has several blocks of EXIF data: only the first is kept")
    return blocks[0] if blocks else None


def _is_of_a_vendor(code: int, body: bytes) -> bool:
    """Whether a segment is neither structure nor of a kind that is understood: kept as it is."""
    if code not in _APPLICATION or any(_is(code, body, *known) for known in _STRUCTURAL):
        return False
    if code == _APP1:
        return not body.startswith((EXIF[:5], STANDARD, EXTENSION))
    if code == _APP11:
        return not body.startswith(_SIGNED)
    return not _is(code, body, _APP13, PHOTOSHOP)


def _segment(code: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, code, len(body) + 2) + body
