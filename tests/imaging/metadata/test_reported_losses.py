"""Metadata as cameras and other programs really write it, which was lost once, from file to file."""

from __future__ import annotations

import struct
from io import BytesIO

import metadata_samples as samples
import pytest

from srcli.core.geometry import Size
from srcli.imaging.containers.tiff_fields import EXIF_DIRECTORY, parse_block
from srcli.imaging.decode import open_picture
from srcli.imaging.encode import encode_picture, plan_encoding

INTEROPERABILITY = 0xA005


def copied(data, format_name=None):
    """What a file that srcli writes of another says; neither has anything to warn of."""
    with open_picture(data) as picture:
        size = Size(picture.info.size.height, picture.info.size.width)
        encoding = plan_encoding(picture.info, size, format=format_name, quality=None, strip=False)
        assert (*picture.info.notes, *encoding.warnings) == ()
        buffer = BytesIO()
        encode_picture(buffer, picture.frames(), encoding)
    with open_picture(buffer.getvalue()) as picture:
        assert picture.info.notes == ()
        return picture.info.metadata


def tiff_of_a_camera(order):
    """EXIF fields with an Interoperability directory, each directory before what leads to it."""
    plain = samples.tiff_with(order=order)
    number, text = struct.Struct(order + "I"), b"2024:05:06 07:08:09\0"
    first = number.unpack_from(plain, 4)[0]
    entries = struct.unpack_from(order + "H", plain, first)[0]
    fields = [struct.unpack_from(order + "HHI4s", plain, first + 2 + 12 * index) for index in range(entries)]
    behind = plain + bytes(len(plain) % 2)
    rule_at = len(behind)
    behind += samples.directory([(1, 2, 4, b"R98\0"), (2, 7, 4, b"0100")], rule_at, order)
    exif_at = len(behind)
    behind += samples.directory(
        [(0x9003, 2, 20, text), (INTEROPERABILITY, 4, 1, number.pack(rule_at))], exif_at, order
    )
    start = len(behind)
    # Values of more than four bytes stand where they stood.
    table = struct.pack(order + "H", entries + 2)
    table += b"".join(
        struct.pack(order + "HHI4s", *field)
        for field in sorted([*fields, (0x010F, 2, 4, b"Fuj\0"), (EXIF_DIRECTORY, 4, 1, number.pack(exif_at))])
    )
    return behind[:4] + number.pack(start) + behind[8:] + table + bytes(4)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("target", ["tiff", "jpg", "png", "webp", "avif"])
def test_exif_fields_with_an_interoperability_directory(order, target):
    block = parse_block(copied(tiff_of_a_camera(order), target).exif)
    assert block.fields[0x010F].data == b"Fuj\0"
    exif = block.children[EXIF_DIRECTORY]
    assert exif.fields[0x9003].data == b"2024:05:06 07:08:09\0"
    assert exif.children[INTEROPERABILITY].fields[1].data == b"R98\0"


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("kind", "unit"), [(1, 1), (7, 1), (4, 4)], ids=["BYTE", "UNDEFINED", "LONG"])
def test_iptc_records_in_a_tiff_of_any_type_and_order(order, kind, unit):
    records = samples.IPTC.ljust(36, b"\0")
    numbers = struct.unpack("<9I", records)
    # Programs swap the bytes of each number together with those of the file.
    stored = struct.pack(order + "9I", *numbers) if unit == 4 else records
    data = samples.tiff_with((33723, kind, len(records) // unit, stored), order=order)
    assert copied(data, "jpg").iptc.rstrip(b"\0") == samples.IPTC


def test_iptc_records_over_two_segments():
    keywords = (b"keyword %05d " % index * 8 for index in range(700))
    records = b"".join(b"\x1c\2\x19" + struct.pack(">H", len(word)) + word for word in keywords)
    block = samples.resources((0x0404, records))
    segments = [
        (0xED, b"Photoshop 3.0\0" + block[start : start + 65000]) for start in range(0, len(block), 65000)
    ]
    assert len(segments) == 2
    assert copied(samples.jpeg_with(*segments)).iptc == records


def test_comments_are_kept_byte_for_byte_and_all_of_them():
    comments = (b"first comment", "Füße, Straße".encode("latin-1"), "港".encode())
    kept = copied(samples.jpeg_with(*[(0xFE, comment) for comment in comments]))
    assert tuple(text.data for text in kept.text) == comments


def test_texts_keep_their_language_and_their_translated_keyword():
    chunks = samples.itxt("Title", "日本の港", "ja", "タイトル"), samples.itxt("Title", "Füße", "de", "Titel")
    kept = copied(samples.png_with(*chunks)).text
    assert [(text.keyword, text.value, text.language, text.translated) for text in kept] == [
        ("Title", "日本の港", "ja", "タイトル"),
        ("Title", "Füße", "de", "Titel"),
    ]
