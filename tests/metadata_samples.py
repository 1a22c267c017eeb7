"""Files with one kind of metadata each, put together byte by byte: never by srcli."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

import corpus

HEIGHT, WIDTH = 14, 22
IPTC = b"\x1c\x02\x5a\0\4Oslo\x1c\x02\x78\0\x0fHarbour at dawn"
XMP_NAME = b"http://ns.adobe.com/xap/1.0/\0"
COMMENT = "Straße am Hafen"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


@dataclass(frozen=True)
class Sample:
    """A file, and what exiftool has to say of it and of whatever is made of it.

    ``tags`` are names and values as ``exiftool -n`` gives them for a picture twice as large.
    """

    kind: str
    format: str
    data: bytes
    tags: dict[str, object] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.kind} in {self.format}"


def plain(file_format: str, **options) -> bytes:
    return corpus.pillow_file(corpus.smooth_pixels(3, height=HEIGHT, width=WIDTH), file_format, **options)


def jpeg_with(*segments: tuple[int, bytes], jpeg: bytes | None = None) -> bytes:
    """A JPEG file with segments (marker, body) behind its first one."""
    data = jpeg or plain("JPEG", quality=95)
    at = 4 + struct.unpack(">H", data[4:6])[0]
    new = b"".join(struct.pack(">BBH", 255, marker, len(body) + 2) + body for marker, body in segments)
    return data[:at] + new + data[at:]


def png_with(*chunks: tuple[bytes, bytes]) -> bytes:
    data = plain("PNG")
    return data[:33] + b"".join(corpus.png_chunk(name, body) for name, body in chunks) + data[33:]


def webp_with(*chunks: tuple[bytes, bytes]) -> bytes:
    """A WebP file with chunks behind its pixels, whose header announces EXIF and XMP data."""
    pixels = plain("WEBP", lossless=True)[12:]
    size = struct.pack("<I", WIDTH - 1)[:3] + struct.pack("<I", HEIGHT - 1)[:3]
    body = b"WEBPVP8X\x0a\0\0\0\x0c\0\0\0" + size + pixels
    for name, data in chunks:
        body += name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def gif_with(*extensions: bytes, aspect: int = 0) -> bytes:
    data = bytearray(plain("GIF"))
    data[12] = aspect
    at = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    return b"GIF89a" + bytes(data[6:at]) + b"".join(extensions) + bytes(data[at:])


def tiff_with(*entries: tuple[int, int, int, bytes], order: str = "<", pixels=None) -> bytes:
    """A TIFF file of 8-bit RGB with fields: tag, type, count and value."""
    array = corpus.smooth_pixels(3, height=HEIGHT, width=WIDTH) if pixels is None else pixels
    height, width, _ = array.shape
    head = {"<": b"II*\0", ">": b"MM\0*"}[order]
    strip = array.tobytes() + bytes(array.size % 2)
    start = 8 + len(strip)

    def number(tag: int, kind: str, *values: int) -> tuple[int, int, int, bytes]:
        return tag, {"H": 3, "I": 4}[kind], len(values), struct.pack(f"{order}{len(values)}{kind}", *values)

    storage = [
        number(256, "I", width),
        number(257, "I", height),
        number(258, "H", 8, 8, 8),
        number(262, "H", 2),
        number(273, "I", 8),
        number(277, "H", 3),
        number(278, "I", height),
        number(279, "I", array.size),
    ]
    return (
        head + struct.pack(order + "I", start) + strip + directory(sorted([*storage, *entries]), start, order)
    )


def avif_with(**blocks: bytes) -> bytes:
    return plain("AVIF", quality=90, **blocks)


def directory(entries: list[tuple[int, int, int, bytes]], start: int, order: str = "<") -> bytes:
    """TIFF fields (tag, type, count, value) with what they point to behind them."""
    behind, table = b"", struct.pack(order + "H", len(entries))
    at = start + 2 + 12 * len(entries) + 4
    for tag, kind, count, value in entries:
        if len(value) > 4:
            value += bytes(len(value) % 2)
            behind, value = behind + value, struct.pack(order + "I", at + len(behind))
        table += struct.pack(order + "HHI", tag, kind, count) + value.ljust(4, b"\0")
    return table + bytes(4) + behind


def exif_with_note(order: str = "<", orientation: int = 1) -> bytes:
    """An EXIF block of a Canon: its maker note holds an offset from the start of the block."""
    text = b"IMG:PowerShot S40 JPEG\0"
    number = struct.Struct(order + "I")
    first = [
        (0x010F, 2, 6, b"Canon\0"),
        (0x0112, 3, 1, struct.pack(order + "H", orientation)),
        (0x8769, 4, 1, b""),
    ]
    exif_at = 8 + len(directory(first, 8, order))
    first[2] = (0x8769, 4, 1, number.pack(exif_at))
    taken = (0x9003, 2, 20, b"2024:05:06 07:08:09\0")
    empty = directory([taken, (0x927C, 7, 44, bytes(44))], exif_at, order)
    note_at = exif_at + len(empty) - 44
    note = directory([(6, 2, len(text), text)], note_at, order)
    note = note.ljust(44, b"\0")
    head = {"<": b"II*\0", ">": b"MM\0*"}[order] + number.pack(8)
    return head + directory(first, 8, order) + directory([taken, (0x927C, 7, 44, note)], exif_at, order)


def xmp(attributes: str, inside: str = "") -> bytes:
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f'<rdf:RDF xmlns:rdf="{_RDF}"><rdf:Description rdf:about="" {attributes}>{inside}</rdf:Description>'
        '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def titled(length: int = 0) -> bytes:
    names = 'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:City="Tromsø"'
    inside = f"<photoshop:Instructions>{'x' * length}</photoshop:Instructions>" if length else ""
    return xmp(names, inside)


def regions(orientation: int | None = None) -> bytes:
    """A face in the left part of the picture, as digiKam and Lightroom mark it."""
    names = (
        'xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" '
        'xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#" '
        'xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#"'
    )
    if orientation:
        names += f' xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="{orientation}"'
    inside = (
        '<mwg-rs:Regions rdf:parseType="Resource">'
        f'<mwg-rs:AppliedToDimensions stDim:w="{WIDTH}" stDim:h="{HEIGHT}" stDim:unit="pixel"/>'
        '<mwg-rs:RegionList><rdf:Bag><rdf:li><rdf:Description mwg-rs:Name="Ann" mwg-rs:Type="Face">'
        '<mwg-rs:Area stArea:x="0.25" stArea:y="0.5" stArea:w="0.1" stArea:h="0.2" '
        'stArea:unit="normalized"/></rdf:Description></rdf:li></rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>'
    )
    return xmp(names, inside)


def panorama() -> bytes:
    return xmp(
        'xmlns:GPano="http://ns.google.com/photos/1.0/panorama/" '
        f'GPano:FullPanoWidthPixels="{4 * WIDTH}" GPano:CroppedAreaImageWidthPixels="{WIDTH}" '
        'GPano:CroppedAreaLeftPixels="5"'
    )


def resources(*parts: tuple[int, bytes]) -> bytes:
    """Photoshop's image resources."""
    return b"".join(
        struct.pack(">4sHHI", b"8BIM", number, 0, len(data)) + data + bytes(len(data) % 2)
        for number, data in parts
    )


_TWO_TO_ONE = (
    (282, 5, 1, struct.pack("<II", 2, 1)),
    (283, 5, 1, struct.pack("<II", 1, 1)),
    (296, 3, 1, struct.pack("<H", 1)),
)
_RIGHTS = ((0x040A, b"\1"), (0x040B, b"https://example.org"))


def sub_blocks(data: bytes) -> bytes:
    parts = (data[start : start + 255] for start in range(0, len(data), 255))
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def gif_xmp(packet: bytes) -> bytes:
    return b"!\xff\x0bXMP DataXMP" + packet + b"\1" + bytes(range(255, -1, -1)) + b"\0"


def itxt(keyword: str, text: str, language: str = "", translated: str = "", packed: bool = False) -> tuple:
    value = zlib.compress(text.encode()) if packed else text.encode()
    head = keyword.encode() + bytes([0, packed, 0]) + language.encode() + b"\0" + translated.encode() + b"\0"
    return b"iTXt", head + value


def all_samples() -> list[Sample]:
    return [*_exif_samples(), *_xmp_samples(), *_other_samples()]


def _exif_samples() -> list[Sample]:
    block = exif_with_note(">")
    named = (0x010F, 2, 5, b"Fuji\0"), (0x013B, 2, 7, "Søren\0".encode())
    tags = {"Make": "Canon", "DateTimeOriginal": "2024:05:06 07:08:09"}
    note = tags | {"CanonImageType": "IMG:PowerShot S40 JPEG"}
    samples = [
        Sample("EXIF, maker note", "JPEG", jpeg_with((0xE1, b"Exif\0\0" + block)), note),
        Sample("EXIF, maker note", "PNG", png_with((b"eXIf", block)), note),
        Sample("EXIF, maker note", "WEBP", webp_with((b"EXIF", block)), note),
        Sample("EXIF, maker note", "AVIF", avif_with(exif=_without_orientation(block)), note),
        Sample("EXIF", "TIFF", tiff_with(*named), {"Make": "Fuji", "Artist": "Søren"}),
    ]
    raw = b"\nexif\n%8d\n" % (len(block) + 6) + (b"Exif\0\0" + block).hex().encode() + b"\n"
    profile = (b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(raw))
    return [*samples, Sample("EXIF as ImageMagick writes it", "PNG", png_with(profile), note)]


def _without_orientation(block: bytes) -> bytes:
    """The same block where the entry for the orientation, the second one, is of an unknown tag."""
    return block[:22] + b"\x9c\x9f" + block[24:]


def _xmp_samples() -> list[Sample]:
    packet, city = titled(), {"City": "Tromsø"}
    face = {"RegionAreaX": 0.25, "RegionAppliedToDimensionsW": 2 * WIDTH}
    sphere = {"FullPanoWidthPixels": 8 * WIDTH, "CroppedAreaLeftPixels": 10}
    samples = []
    for kind, body, tags in (
        ("XMP", packet, city),
        ("XMP, regions", regions(), face),
        ("XMP, panorama", panorama(), sphere),
    ):
        samples += [
            Sample(kind, "JPEG", jpeg_with((0xE1, XMP_NAME + body)), tags),
            Sample(kind, "PNG", png_with((b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + body)), tags),
            Sample(kind, "WEBP", webp_with((b"XMP ", body)), tags),
            Sample(kind, "TIFF", tiff_with((700, 7, len(body), body)), tags),
            Sample(kind, "AVIF", avif_with(xmp=body), tags),
            Sample(kind, "GIF", gif_with(gif_xmp(body)), tags),
        ]
    long = titled(100_000)
    length = city | {"Instructions": "x" * 100_000}
    return [
        *samples,
        Sample("XMP above 64 KB", "PNG", png_with(itxt("XML:com.adobe.xmp", long.decode())), length),
    ]


def _other_samples() -> list[Sample]:
    iptc = {"City": "Oslo", "Caption-Abstract": "Harbour at dawn"}
    rights_block = resources(*_RIGHTS)
    rights = {"CopyrightFlag": 1, "URL": "https://example.org"}
    density = {"XResolution": 300, "YResolution": 150}
    records = IPTC.ljust(36, b"\0")
    raw = b"\niptc\n%8d\n" % len(IPTC) + IPTC.hex().encode() + b"\n"
    comment = {"Comment": COMMENT}
    zone = {"PixelScale": "5 5 0", "ProjectedCSType": 32632}
    time = (b"tIME", b"\x07\xe8\5\6\7\x08\x09")
    place = (
        (33550, 12, 3, struct.pack("<3d", 10, 10, 0)),
        (33922, 12, 6, struct.pack("<6d", 0, 0, 0, 500000, 6600000, 0)),
        (34735, 3, 16, struct.pack("<16H", 1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32632)),
    )
    return [
        Sample("IPTC", "JPEG", jpeg_with((0xED, b"Photoshop 3.0\0" + resources((0x0404, IPTC)))), iptc),
        Sample("IPTC", "TIFF", tiff_with((33723, 4, 9, records), order=">"), iptc),
        Sample("IPTC", "PNG", png_with((b"tEXt", b"Raw profile type iptc\0" + raw)), iptc),
        Sample("Photoshop", "JPEG", jpeg_with((0xED, b"Photoshop 3.0\0" + resources(*_RIGHTS))), rights),
        Sample("Photoshop", "TIFF", tiff_with((34377, 1, len(rights_block), rights_block)), rights),
        Sample("resolution", "JPEG", plain("JPEG", dpi=(300, 150)), density),
        Sample("resolution", "PNG", png_with((b"pHYs", struct.pack(">IIB", 11811, 5906, 1))), density),
        Sample("resolution", "TIFF", plain("TIFF", dpi=(300, 150)), density),
        Sample("resolution", "BMP", plain("BMP", dpi=(300, 150)), density),
        Sample("shape of pixels", "PNG", png_with((b"pHYs", struct.pack(">IIB", 2, 1, 0))), {"shape": 2.0}),
        Sample("shape of pixels", "JPEG", _jpeg_of_shape(2, 1), {"shape": 2.0}),
        Sample("shape of pixels", "TIFF", tiff_with(*_TWO_TO_ONE), {"shape": 2.0}),
        Sample("shape of pixels", "GIF", gif_with(aspect=17), {"shape": 2.0}),
        Sample("comment", "JPEG", jpeg_with((0xFE, COMMENT.encode())), comment),
        Sample("comment", "GIF", gif_with(b"!\xfe" + sub_blocks(COMMENT.encode())), comment),
        Sample("comment", "PNG", png_with((b"tEXt", b"Comment\0" + b"by hand")), {"Comment": "by hand"}),
        Sample("comment", "PPM", _commented_ppm(), comment),
        Sample("text", "PNG", png_with(itxt("Title", "Füße", "de", "Titel")), {"Title-de": "Füße"}),
        Sample("place on the map", "TIFF", tiff_with(*place), zone),
        Sample("maker's segment", "JPEG", jpeg_with((0xEC, b"Ducky\0\1\0\4\0\0\0\x3c")), {"Quality": 60}),
        Sample(
            "time",
            "PNG",
            png_with(time),
            {"ModifyDate": "2024:05:06 07:08:09"},
        ),
    ]


def _jpeg_of_shape(across: int, down: int) -> bytes:
    data = bytearray(plain("JPEG", quality=95))
    struct.pack_into(">BHH", data, 13, 0, across, down)
    return bytes(data)


def _commented_ppm() -> bytes:
    data = plain("PPM")
    return b"P6\n# " + COMMENT.encode() + b"\n" + data[3:]
