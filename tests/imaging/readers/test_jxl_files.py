"""JPEG XL files, with the extra and without."""

from __future__ import annotations

import struct
import sys
from io import BytesIO

import corpus
import metadata_samples as samples
import numpy as np
import pytest
from PIL import Image

from srcli.core.errors import InputError
from srcli.core.geometry import Size
from srcli.imaging.containers.jxl_header import Header, read_header
from srcli.imaging.decode import open_picture
from srcli.imaging.encode import encode_picture, plan_encoding

WRITES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


@pytest.fixture
def jxl():
    pytest.importorskip("brotli", reason="pip install '.[jxl]'")
    return pytest.importorskip("pillow_jxl", reason="pip install '.[jxl]'")


def encoded(jxl, array, mode, **metadata):
    encoder = jxl.Encoder(
        mode=mode,
        lossless=True,
        quality=100,
        decoding_speed=0,
        effort=1,
        use_container=bool(metadata),
        use_original_profile=True,
        num_threads=1,
    )
    blocks = {"exif": None, "jumb": None, "xmp": None, "compress": False} | metadata
    return bytes(encoder(array.tobytes(), array.shape[1], array.shape[0], jpeg_encode=False, **blocks))


def packed_jpeg(jxl, jpeg):
    encoder = jxl.Encoder(
        mode="RGB",
        lossless=True,
        quality=100,
        decoding_speed=0,
        effort=1,
        use_container=True,
        use_original_profile=True,
        num_threads=1,
    )
    return bytes(encoder(jpeg, corpus.WIDTH, corpus.HEIGHT, jpeg_encode=True))


def read(data):
    with open_picture(data) as picture:
        return picture.info, next(iter(picture.frames()))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_pixels_of_every_kind(jxl, channels):
    array = corpus.pixels(channels)
    info, frame = read(encoded(jxl, array, WRITES[channels]))
    assert (info.format, info.depth, info.notes) == ("JXL", 8, ())
    assert info.has_alpha == (channels in (2, 4))
    colours = 1 if channels < 3 else 3
    np.testing.assert_array_equal(np.rint(frame.colour * 255), array[:, :, :colours])
    if info.has_alpha:
        np.testing.assert_array_equal(np.rint(frame.alpha * 255), array[:, :, -1])


def test_grey_of_16_bits_keeps_them(jxl):
    array = corpus.pixels(1, 16)
    info, frame = read(encoded(jxl, array, "I;16"))
    assert info.depth == 16
    np.testing.assert_array_equal(np.rint(frame.colour * 65535), array)


@pytest.mark.parametrize("compress", [False, True])
def test_metadata_is_kept_packed_or_not(jxl, compress):
    block, packet = samples.exif_with_note("<"), samples.titled()
    data = encoded(jxl, corpus.pixels(3), "RGB", exif=block, xmp=packet, compress=compress)
    info, _ = read(data)
    assert (info.metadata.exif, info.metadata.xmp) == (block, packet)
    assert info.metadata.icc


def test_a_jpeg_that_was_packed_without_loss_is_read_as_that_jpeg(jxl):
    jpeg = corpus.pillow_file(corpus.pixels(3), "JPEG", quality=80, exif=samples.exif_with_note("<"))
    expected_info, expected = read(jpeg)
    info, frame = read(packed_jpeg(jxl, jpeg))
    assert (info.format, info.jpeg_quality) == ("JXL", expected_info.jpeg_quality)
    assert info.metadata == expected_info.metadata
    np.testing.assert_array_equal(frame.colour, expected.colour)


def test_png_is_written_with_the_metadata(jxl):
    data = encoded(jxl, corpus.pixels(4), "RGBA", exif=samples.exif_with_note("<"))
    with open_picture(data) as picture:
        encoding = plan_encoding(picture.info, picture.info.size, format=None, quality=None, strip=False)
        buffer = BytesIO()
        encode_picture(buffer, picture.frames(), encoding)
    assert (encoding.format, encoding.extension, encoding.warnings) == ("PNG", ".png", ())
    with Image.open(buffer) as image:
        assert image.getexif()[0x010F] == "Canon"


def test_floating_point_is_refused_by_name(jxl):
    array = np.linspace(0, 1, 35, dtype=np.float32).reshape(5, 7, 1)
    with pytest.raises(InputError, match="floating point, are not supported"):
        read(encoded(jxl, array, "F"))


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_file_cut_short_is_an_error(jxl, share):
    data = encoded(jxl, corpus.pixels(3), "RGB")
    with pytest.raises(InputError, match=r"damaged|truncated"):
        read(data[: int(len(data) * share)])


def test_without_the_extra_the_command_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_jxl", None)
    with pytest.raises(InputError, match="reading JPEG XL files needs the extra 'jxl'") as caught:
        read(codestream(1, 3, 0, 1, 5, 1))
    assert caught.value.hint == "pip install '.[jxl]' in a copy of srcli's repository"


def codestream(*fields):
    """A codestream of fields: a number of bits, then a value."""
    value = shift = 0
    for count, number in zip(fields[::2], fields[1::2], strict=True):
        value |= number << shift
        shift += count
    return b"\xff\x0a" + value.to_bytes(shift // 8 + 40, "little")


# Sides of 40 by 24 in eighths, or of 41 by 25 in nine bits.
EIGHTHS = (1, 1, 5, 2, 3, 0, 5, 4)
SIDES = (1, 0, 2, 0, 9, 24, 3, 0, 2, 0, 9, 40)
ANIMATION = (2, 0, 2, 0, 2, 0, 1, 0)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ((*EIGHTHS, 1, 1), Header(Size(24, 40))),
        ((*SIDES, 1, 1), Header(Size(25, 41))),
        ((1, 1, 5, 2, 3, 5, 1, 1), Header(Size(24, 42))),
        ((*SIDES, 1, 0, 1, 0, 1, 0, 2, 1), Header(Size(25, 41), 10)),
        ((*SIDES, 1, 0, 1, 0, 1, 0, 2, 3, 6, 15), Header(Size(25, 41), 16)),
        ((*SIDES, 1, 0, 1, 0, 1, 1, 2, 1), Header(Size(25, 41), 16, is_float=True)),
        (
            (*SIDES, 1, 0, 1, 1, 3, 5, 1, 1, *EIGHTHS, 1, 0, 1, 1, *ANIMATION, 1, 0, 2, 0),
            Header(Size(25, 41), is_animated=True),
        ),
    ],
)
def test_what_a_codestream_says_of_itself(fields, expected):
    assert read_header(codestream(*fields)) == expected


def test_an_animation_is_refused_and_never_its_last_frame():
    data = codestream(*SIDES, 1, 0, 1, 1, 3, 0, 1, 0, 1, 0, 1, 1, *ANIMATION, 1, 0, 2, 0)
    with pytest.raises(InputError, match="animated JPEG XL is not supported"):
        open_picture(data)


def test_a_size_beyond_the_limit_is_refused_before_anything_is_decoded():
    data = codestream(1, 0, 2, 3, 30, 49_999, 3, 0, 2, 3, 30, 59_999, 1, 1)
    with pytest.raises(InputError, match="3000 megapixels"):
        open_picture(data)


@pytest.mark.parametrize("data", [b"\xff\x0a", struct.pack(">I8s", 12, b"JXL \r\n\x87\n")])
def test_a_header_alone_is_damaged(data):
    with pytest.raises(InputError, match=r"damaged|truncated"):
        open_picture(data)
