"""What stands in a file beside its pixels is kept, and what a format can't hold is named."""

from __future__ import annotations

import struct
from dataclasses import replace
from io import BytesIO

import corpus
import metadata_samples as samples
import pytest
from PIL import Image, PngImagePlugin, TiffImagePlugin

from srcli.core.geometry import Size
from srcli.imaging.containers.tiff_fields import (
    EXIF_DIRECTORY,
    GPS_DIRECTORY,
    Directory,
    Field,
    build_block,
    parse_block,
)
from srcli.imaging.decode import open_picture
from srcli.imaging.encode import encode_picture, plan_encoding
from srcli.imaging.formats import FORMATS
from srcli.imaging.metadata.limits import fit_metadata
from srcli.imaging.picture import Metadata, Text

SAME_SIZE = Size(corpus.HEIGHT, corpus.WIDTH)
IPTC = b"\x1c\x02\x05\x00\x07caption\x1c\x02\x50\x00\x02me"
COLOUR_CHUNKS = ((b"gAMA", struct.pack(">I", 45455)), (b"cICP", b"\x0c\x0d\x00\x01"))


def full_metadata():
    return Metadata(
        icc=corpus.wide_gamut_profile(),
        exif=corpus.exif_block(),
        xmp=corpus.xmp_packet(),
        iptc=IPTC,
        dpi=(300.0, 150.0),
        text=(Text("Comment", "häuser"), Text("Title", "日本")),
        colour_chunks=COLOUR_CHUNKS,
    )


def write(metadata, format_name, channels=3, depth=8, strip=False, size=SAME_SIZE):
    array = corpus.pixels(channels, depth)
    suffix_data = corpus.pillow_file(array, "PNG") if depth == 8 else corpus.vips_file(array, ".png", "rgb16")
    with open_picture(suffix_data) as picture:
        info = replace(picture.info, metadata=metadata)
        encoding = plan_encoding(info, size, format=format_name, quality=None, strip=strip)
        buffer = BytesIO()
        encode_picture(buffer, picture.frames(), encoding)
    return buffer.getvalue(), encoding


def read_metadata(data):
    with open_picture(data) as picture:
        assert not picture.info.notes
        return picture.info.metadata


@pytest.mark.parametrize("depth", [8, 16])
def test_png_keeps_everything(depth):
    data, encoding = write(full_metadata(), "png", depth=depth)
    kept = read_metadata(data)
    assert kept.icc == full_metadata().icc
    assert kept.xmp == full_metadata().xmp
    assert kept.dpi == pytest.approx((300, 150), abs=0.02)
    assert kept.text == full_metadata().text
    assert kept.colour_chunks == COLOUR_CHUNKS
    assert parse_block(kept.exif).fields[0x010F].data == b"a maker\0"
    assert kept.iptc == IPTC
    assert not encoding.warnings


@pytest.mark.parametrize("depth", [8, 16])
def test_tiff_keeps_everything_but_text(depth):
    data, encoding = write(full_metadata(), "tiff", depth=depth)
    kept = read_metadata(data)
    assert (kept.icc, kept.xmp, kept.iptc) == (full_metadata().icc, full_metadata().xmp, IPTC)
    assert kept.dpi == pytest.approx((300, 150))
    block = parse_block(kept.exif)
    assert block.fields[0x010F].data == b"a maker\0"
    assert block.children[EXIF_DIRECTORY].fields[0x9003].data == b"2026:01:02 03:04:05\0"
    assert block.children[GPS_DIRECTORY].fields[2].count == 3
    assert encoding.warnings == ("TIFF has no room for the text: dropped",)


def test_jpeg_keeps_everything_but_keywords():
    data, encoding = write(full_metadata(), "jpg")
    kept = read_metadata(data)
    assert (kept.icc, kept.xmp, kept.iptc) == (full_metadata().icc, full_metadata().xmp, IPTC)
    assert kept.dpi == (300, 150)
    assert kept.text == (Text("Comment", "häuser"),)
    assert parse_block(kept.exif).children[EXIF_DIRECTORY].fields[0x927C].data == b"opaque\0\1\2"
    assert encoding.warnings == ("JPEG has no room for the text: dropped",)


@pytest.mark.parametrize("format_name", ["webp", "avif"])
def test_webp_and_avif_keep_profile_exif_and_xmp(format_name):
    data, encoding = write(full_metadata(), format_name)
    kept = read_metadata(data)
    assert (kept.icc, kept.xmp) == (full_metadata().icc, full_metadata().xmp)
    assert parse_block(kept.exif).fields[0x010F].data == b"a maker\0"
    assert encoding.warnings == (f"{format_name.upper()} has no room for the IPTC data, text: dropped",)


@pytest.mark.parametrize("format_name", ["png", "jpg", "webp", "tiff", "avif"])
def test_strip_keeps_what_the_colours_mean_and_nothing_else(format_name):
    data, encoding = write(full_metadata(), format_name, strip=True)
    kept = read_metadata(data)
    assert kept.icc == full_metadata().icc
    assert kept == Metadata(icc=kept.icc, colour_chunks=kept.colour_chunks)
    assert not encoding.warnings


def test_stated_sizes_follow_the_picture():
    _, encoding = write(full_metadata(), "jpg", size=Size(130, 70_000 // 1100))
    details = parse_block(encoding.metadata.exif).children[EXIF_DIRECTORY].fields
    assert (details[0xA002].number, details[0xA003].number) == (63, 130)
    assert b'tiff:ImageWidth="63"' in encoding.metadata.xmp


def test_an_exif_block_of_either_byte_order_survives_to_tiff():
    for mark, order in ((b"MM", ">"), (b"II", "<")):
        entry = struct.pack(order + "HHII", 0x010E, 2, 6, 26) + struct.pack(order + "I", 0)
        block = mark + struct.pack(order + "HIH", 42, 8, 1) + entry + b"house\0"
        data, _ = write(Metadata(exif=block), "tiff")
        with Image.open(BytesIO(data)) as image:
            assert image.tag_v2[270] == "house"


def test_a_thumbnail_is_dropped():
    ifd = TiffImagePlugin.ImageFileDirectory_v2()
    ifd[0x010F] = "a maker"
    first = ifd.tobytes(8)
    thumbnail = TiffImagePlugin.ImageFileDirectory_v2()
    thumbnail[0x0201], thumbnail[0x0202] = 0, 4
    block = bytearray(b"II*\0" + struct.pack("<I", 8) + first)
    struct.pack_into("<I", block, 8 + 2 + 12, len(block))
    data = corpus.pillow_file(
        corpus.pixels(3), "JPEG", exif=b"Exif\0\0" + bytes(block) + thumbnail.tobytes(len(block)) + b"THUMB"
    )
    kept = write(read_metadata(data), "jpg")[1].metadata.exif
    assert parse_block(kept).following == 0
    assert b"THUMB" not in kept
    assert b"a maker" in kept


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_a_damaged_exif_block_is_dropped_with_a_note():
    data = corpus.pillow_file(corpus.pixels(3), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    with open_picture(data) as picture:
        assert picture.info.metadata.exif is None
        assert picture.info.notes == ("its EXIF data is damaged and was dropped",)


def test_text_of_all_kinds_of_png_chunks_is_read():
    info = PngImagePlugin.PngInfo()
    info.add_text("plain", "a")
    info.add_text("packed", "b" * 100, zip=True)
    info.add_itxt("international", "ü日", zip=True)
    data = corpus.pillow_file(corpus.pixels(1), "PNG", pnginfo=info)
    assert read_metadata(data).text == (
        Text("plain", "a", "latin-1"),
        Text("packed", "b" * 100, "latin-1"),
        Text("international", "ü日"),
    )


def test_exif_too_long_for_a_jpeg_segment_loses_its_largest_fields():
    fields = {0x010F: Field(2, b"a maker\0"), 0x9999: Field(7, bytes(70_000))}
    kept, lost = fit_metadata(Metadata(exif=build_block(Directory(fields))), FORMATS["JPEG"])
    assert parse_block(kept.exif).fields.keys() == {0x010F}
    assert lost == ("JPEG has no room for the largest EXIF fields (0x9999): dropped",)


def test_gif_comment_is_kept():
    data = corpus.pillow_file(corpus.pixels(3), "GIF", comment=b"c" * 600)
    assert read_metadata(data).text == (Text("Comment", "c" * 600),)
    with open_picture(data) as picture:
        buffer = BytesIO()
        encoding = plan_encoding(picture.info, picture.info.size, format=None, quality=None, strip=False)
        encode_picture(buffer, picture.frames(), encoding)
    assert read_metadata(buffer.getvalue()).text == (Text("Comment", "c" * 600),)


def test_tiff_fields_of_the_original_are_kept_but_not_its_storage():
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[270], tags[315], tags[33550] = "a house", "an artist", (1.0, 1.0, 0.0)
    data = corpus.pillow_file(corpus.pixels(3), "TIFF", tiffinfo=tags, compression="tiff_lzw", dpi=(72, 72))
    with open_picture(data) as picture:
        buffer = BytesIO()
        encoding = plan_encoding(picture.info, picture.info.size, format=None, quality=None, strip=False)
        encode_picture(buffer, picture.frames(), encoding)
    with Image.open(buffer) as image:
        assert (image.tag_v2[270], image.tag_v2[315], image.info["dpi"]) == ("a house", "an artist", (72, 72))
        assert image.tag_v2[33550] == (1.0, 1.0, 0.0)
        assert image.tag_v2[259] == 8


def gif_with_profile():
    return samples.gif_with(b"!\xff\x0bICCRGBG1012" + samples.sub_blocks(corpus.wide_gamut_profile()))


def bmp_with_profile():
    plain, profile = samples.plain("BMP"), corpus.wide_gamut_profile()
    pixels = plain[54:]
    header = struct.pack("<I", 124) + plain[18:54] + bytes(84)
    header = bytearray(header)
    header[56:60] = b"DEBM"
    struct.pack_into("<II", header, 112, 124 + len(pixels), len(profile))
    start = 14 + 124
    head = b"BM" + struct.pack("<IHHI", start + len(pixels) + len(profile), 0, 0, start)
    return head + bytes(header) + pixels + profile


@pytest.mark.parametrize(("format_name", "make"), [("GIF", gif_with_profile), ("BMP", bmp_with_profile)])
def test_a_colour_profile_in_gif_and_bmp_is_read(format_name, make):
    data = make()
    assert read_metadata(data).icc == corpus.wide_gamut_profile()
    with open_picture(data) as picture:
        encoding = plan_encoding(picture.info, picture.info.size, format=None, quality=None, strip=False)
    assert encoding.to_srgb
    assert encoding.warnings == (f"{format_name} holds no colour profile: converted to sRGB",)
