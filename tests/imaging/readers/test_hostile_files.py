"""Small files that would cost minutes or gigabytes are refused at once, honest ones like them are read."""

from __future__ import annotations

import itertools
import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from srcli.core.errors import InputError
from srcli.imaging import limits
from srcli.imaging.containers.png_chunks import SIGNATURE, build_chunk
from srcli.imaging.decode import MOST_NOTES, open_picture
from srcli.imaging.readers import reading_clock
from tests.clocks import replace_clock

MEBIBYTE = 2**20
PACKED = zlib.compress(bytes(MEBIBYTE - 1), 9)


def _saved(file_format, size=(31, 23), mode="RGB", **options):
    stream = BytesIO()
    Image.new(mode, size, 90).save(stream, file_format, **options)
    return stream.getvalue()


def _png(*before, pixels=None, after=()):
    header = build_chunk(b"IHDR", struct.pack(">IIBBBBB", 9, 7, 8, 2, 0, 0, 0))
    pixels = pixels or [build_chunk(b"IDAT", zlib.compress(bytes(28 * 7)))]
    return b"".join((SIGNATURE, header, *before, *pixels, *after, build_chunk(b"IEND", b"")))


def _segment(code, body):
    return struct.pack(">BBH", 0xFF, code, len(body) + 2) + body


def _jpeg(before=b"", between=b"", at_end=b"", **options):
    data = _saved("JPEG", **options)
    scan = data.rindex(b"\xff\xda")
    return b"".join((data[:2], before, data[2:scan], between, data[scan:-2], at_end, data[-2:]))


def _scans(count):
    data = _saved("JPEG", progressive=True)
    scan = data.rindex(b"\xff\xda")
    return data[:-2] + data[scan:-2] * count + data[-2:]


def _gif(before=b"", frames=1, canvas=(31, 23)):
    data = bytearray(_saved("GIF", mode="P"))
    start = 13 + (3 << (data[10] & 7) + 1)
    struct.pack_into("<HH", data, 6, *canvas)
    return bytes(data[:start]) + before + bytes(data[start:-1]) * frames + b";"


def _reaching_gif(distance):
    """A second frame lies far to the right and below of the first."""
    data = bytearray(_gif(frames=2))
    second = data.rindex(b",\0\0\0\0\x1f\0\x17\0")
    struct.pack_into("<2H", data, second + 1, distance, distance)
    return bytes(data)


def _webp(trailer):
    data = _saved("WEBP")
    return data[:4] + struct.pack("<I", len(data) + len(trailer) - 8) + data[8:] + trailer


def _bmp(codes):
    """A picture of 256 colours whose pixels are given by run lengths."""
    start = 14 + 40 + 4 * 256
    sizes = struct.pack("<IiiHHIIiiII", 40, 9, 7, 1, 8, 1, len(codes), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", start + len(codes), 0, 0, start) + sizes + bytes(4 * 256) + codes


def _apng(frames):
    def control(number):
        return build_chunk(b"fcTL", struct.pack(">5I2H2B", number, 9, 7, 0, 0, 1, 10, 0, 0))

    pixels = zlib.compress(bytes(28 * 7))
    chunks = [build_chunk(b"acTL", struct.pack(">2I", frames, 0)), control(0), build_chunk(b"IDAT", pixels)]
    for index in range(1, frames):
        data = struct.pack(">I", 2 * index) + pixels
        chunks += [control(2 * index - 1), build_chunk(b"fdAT", data)]
    return _png(pixels=chunks)


def _directory(entries, following=0):
    fields = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return struct.pack("<H", len(entries)) + fields + struct.pack("<I", following)


def _tiff(extra=(), following=0):
    structure = ((256, 8), (257, 8), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, 8), (279, 64))
    entries = [(tag, 4, 1, value) for tag, value in structure] + list(extra)
    return b"II*\0\x08\0\0\0" + _directory(entries, following)


def _overlapping_pages():
    """Pages whose directories of 4,000 fields lie over one another, each beginning one field further."""
    pages, start, span = 1000, 1034, 2 + 12 * 4000
    field = struct.pack("<HHIHH", 40_000, 3, 1, 7, 4000)
    data = bytearray(_tiff(following=start).ljust(start, b"\0") + field[-2:] + field * (pages + 4100))
    for place in range(start, start + 12 * pages, 12):
        struct.pack_into("<I", data, place + span, place + 12)
    return bytes(data)


def _overlapping_values():
    extra = [(40_000 + number, 7, 2_000_000, 60_000) for number in range(3000)]
    return _tiff(extra).ljust(2_100_000, b"\0")


BOMBS = {
    "texts.png": (
        lambda: _png(*[build_chunk(b"zTXt", b"k\0\0" + PACKED)] * 80),
        "unfold to more than 64 MiB",
    ),
    "late.png": (
        lambda: _png(after=[build_chunk(b"iTXt", b"k\0\1\0\0\0" + PACKED)] * 80),
        "unfold to more than 64 MiB",
    ),
    "profiles.png": (lambda: _png(*[build_chunk(b"iCCP", b"k\0\0" + PACKED)] * 80), "unfold to more than 64"),
    "long.png": (
        lambda: _png(build_chunk(b"tEXt", b"k\0" + bytes(25 * MEBIBYTE))),
        "more than 24 MiB beside",
    ),
    "parts.png": (lambda: _png(*[build_chunk(b"prVt", b"")] * 10_001), "more than 10000 parts beside"),
    "pixels.png": (lambda: _png(pixels=[build_chunk(b"IDAT", b"")] * 110_000), "parts of pixels"),
    "scans.jpg": (lambda: _scans(150), "more than 100 scans"),
    "fill.jpg": (lambda: _jpeg(before=b"\xff" * 2 * MEBIBYTE), "more than 1 MiB of fill bytes"),
    "junk.jpg": (lambda: _jpeg(between=bytes(2 * MEBIBYTE)), "more than 1 MiB of fill bytes"),
    "between.jpg": (lambda: _jpeg(between=b"\xff" * 2 * MEBIBYTE), "more than 1 MiB of fill bytes"),
    "end.jpg": (lambda: _jpeg(at_end=b"\xff" * 2 * MEBIBYTE), "more than 1 MiB of fill bytes"),
    "stuffed.jpg": (lambda: _jpeg(at_end=b"\xff" * 2 * MEBIBYTE + b"\0"), "more than 1 MiB of fill bytes"),
    "segments.jpg": (lambda: _jpeg(before=_segment(0xE5, b"") * 10_001), "more than 10000 parts beside"),
    "tables.jpg": (lambda: _jpeg(before=_segment(0xDB, bytes(65)) * 10_001), "more than 10000 parts beside"),
    "exif.jpg": (lambda: _jpeg(before=_segment(0xE1, bytes(65_000)) * 400), "more than 24 MiB beside"),
    "comment.gif": (lambda: _gif(b"!\xfe" + (b"\xff" + bytes(255)) * 100_000 + b"\0"), "more than 24 MiB"),
    "comments.gif": (lambda: _gif(b"!\xfe\1a\0" * 10_001), "more than 10000 parts beside"),
    "fill.gif": (lambda: _gif(bytes(2 * MEBIBYTE)), "more than 1 MiB of fill bytes"),
    "frames.gif": (lambda: _gif(frames=50_001), "50001 frames, the limit is 50000"),
    "canvas.gif": (lambda: _gif(frames=300, canvas=(20_000, 20_000)), "120 gigapixels, the limit is 64"),
    "reach.gif": (lambda: _reaching_gif(60_000), "a frame reaches to 60031x60023, far beyond its canvas"),
    "chunks.webp": (lambda: _webp(b"JUNK\0\0\0\0" * 10_001), "more than 10000 parts beside"),
    "space.ppm": (lambda: b"P6 " + b" " * 70_000 + b"3 2 255\n" + bytes(18), "does not end within 64 KiB"),
    "comments.pgm": (
        lambda: b"P5\n" + b"#\n" * 40_000 + b"3 2 255\n" + bytes(6),
        "does not end within 64 KiB",
    ),
    "digits.ppm": (lambda: b"P6 " + b"0" * 70_000 + b"3 2 255\n" + bytes(18), "does not end within 64 KiB"),
    "codes.bmp": (lambda: _bmp(b"\0\2\0\0" * 400_000), "MiB of codes are more than a picture of 9x7 takes"),
    "pages.tif": (_overlapping_pages, "MiB of fields"),
    "values.tif": (_overlapping_values, "MiB of fields"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_file_that_costs_too_much_is_refused_in_one_line(name, tmp_path):
    make, words = BOMBS[name]
    path = tmp_path / name
    path.write_bytes(make())
    with pytest.raises(InputError, match=rf"cannot read .*{name}: .*{words}") as raised:
        open_picture(path)
    assert raised.value.message.isprintable()
    assert len(raised.value.message) < 300


@pytest.mark.parametrize(
    "data",
    [
        _png(*[build_chunk(b"tEXt", b"k\0some words")] * 300),
        _png(build_chunk(b"iCCP", b"k\0\0" + zlib.compress(bytes(MEBIBYTE - 1)))),
        _png(pixels=[build_chunk(b"IDAT", bytes([byte])) for byte in zlib.compress(bytes(28 * 7))]),
        _jpeg(before=b"\xff" * 900, between=b"\xff" * 900),
        _jpeg(before=_segment(0xED, bytes(60_000)) * 200),
        _saved("JPEG", progressive=True),
        _gif(b"!\xfe\3abc\0" * 50, frames=2000),
        _gif(b"\0" * 50),
        _bmp(b"\x09\1\0\0" * 7 + b"\0\1"),
        _apng(11_000),
        _reaching_gif(20),
        _webp(b"JUNK\0\0\0\0" * 50),
        b"P6\n" + b"# words\n" * 500 + b"31 23\n255\n" + bytes(31 * 23 * 3),
        b"P3 " + b"31 23 255\n" + b"7 " * (31 * 23 * 3),
        b"P1\n200 800\n" + b"1 0 " * 80_000,
    ],
    ids=itertools.count(),
)
def test_an_honest_file_of_many_parts_is_read(data):
    with open_picture(data) as picture:
        frame = next(picture.frames())
        assert frame.colour.shape[:2] == picture.info.size


def _exif_bomb():
    """Directories that lie over one another: sixteen million of fields in 64 KiB."""
    block = b"II*\0\x08\0\0\0" + _directory([(0x8769, 4, 1, 14_000)] * 1000)
    return block.ljust(14_000, b"\0") + _directory([(0x8825, 4, 1, 14_000)] * 4000)


@pytest.mark.parametrize("kind", ["JPEG", "PNG of 16 bits"])
def test_exif_data_of_fields_without_end_is_dropped_and_said(kind, tmp_path):
    if kind == "JPEG":
        data = _jpeg(before=_segment(0xE1, b"Exif\0\0" + _exif_bomb()))
    else:
        stream = BytesIO()
        Image.fromarray(np.full((23, 31), 9000, np.uint16)).save(stream, "PNG")
        data = stream.getvalue()[:33] + build_chunk(b"eXIf", _exif_bomb()) + stream.getvalue()[33:]
    (tmp_path / "bomb").write_bytes(data)
    with open_picture(tmp_path / "bomb") as picture:
        frame = next(picture.frames())
        assert picture.info.notes == ("its EXIF data is damaged and was dropped",)
    assert frame.colour.shape[:2] == (23, 31)
    assert np.ptp(frame.colour, axis=(0, 1)).max() == 0


@pytest.mark.parametrize(
    "inside",
    ["<a>" * 20_000 + "</a>" * 20_000, "".join(f'<a b="{index}"/>' for index in range(110_000))],
    ids=["deep", "many"],
)
def test_xmp_data_of_elements_without_end_are_dropped_and_said(inside):
    packet = f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{inside}</x:xmpmeta>'
    chunk = build_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet.encode())
    with open_picture(_png(chunk)) as picture:
        assert picture.info.notes == ("its XMP data is damaged and was dropped",)
        assert next(picture.frames()).colour.shape == (7, 9, 3)


def test_thousands_of_strange_chunks_are_told_in_a_few_notes():
    chunks = [build_chunk(bytes([97, 97, 65 + one, 65 + two]), b"") for one in range(26) for two in range(26)]
    with open_picture(_png(*chunks, *chunks)) as picture:
        assert len(picture.info.notes) == MOST_NOTES + 1
        assert picture.info.notes[-1] == f"and {676 - MOST_NOTES} more of the kind"


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still unless told otherwise."""
    return replace_clock(monkeypatch, reading_clock)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "GIF", "WEBP", "BMP", "AVIF", "PPM"])
@pytest.mark.parametrize("as_bytes", [False, True])
def test_reading_ends_when_its_time_is_over(kind, as_bytes, clock, tmp_path):
    path = tmp_path / "slow"
    path.write_bytes(_saved(kind, size=(301, 203)))
    clock.step = 40.0
    source = path.read_bytes() if as_bytes else path
    words = "it takes longer than 60 seconds"
    with pytest.raises(InputError, match=words) as raised, open_picture(source) as picture:
        next(picture.frames())
    assert raised.value.hint == "allow more with --timeout SECONDS"


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_a_decoder_that_reads_on_is_ended(kind, clock, tmp_path):
    path = tmp_path / "slow"
    path.write_bytes(_saved(kind, size=(301, 203)))
    with open_picture(path) as picture:
        clock.step = 40.0
        with pytest.raises(InputError, match=r"it takes longer than 60\.1 seconds"):
            next(picture.frames())


def test_the_clock_stands_still_between_two_frames(clock):
    with open_picture(_gif(frames=5)) as picture:
        for _ in picture.frames():
            clock.now += 50.0


def test_the_time_grows_with_the_pixels_unless_it_is_given(clock):
    assert limits.MAX_PIXELS / 1e6 * reading_clock.READING_S_PER_MEGAPIXEL > 600
    for limit_s, seconds in ((None, "62"), (7.0, "7")):
        clock.step = 0.0
        with open_picture(_saved("PNG", size=(1000, 1000)), limit_s=limit_s) as picture:
            clock.step = 100.0
            with pytest.raises(InputError, match=f"longer than {seconds} seconds"):
                next(picture.frames())
