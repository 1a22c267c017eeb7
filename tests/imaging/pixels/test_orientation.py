"""All eight orientations of EXIF are baked into the pixels, and the tags say so afterwards."""

from __future__ import annotations

from io import BytesIO

import corpus
import numpy as np
import pytest
from PIL import Image

from srcli.core.geometry import Size
from srcli.imaging.decode import open_picture
from srcli.imaging.encode import encode_picture, plan_encoding
from srcli.imaging.metadata.exif import read_orientation

ORIENTATIONS = range(1, 9)
LOSSLESS = {"PNG": {}, "WEBP": {"lossless": True}, "TIFF": {}}


def read(data):
    with open_picture(data) as picture:
        return picture.info, next(picture.frames())


@pytest.mark.parametrize("format_name", LOSSLESS)
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_the_pixels_are_upright(orientation, format_name):
    info, frame = read(corpus.oriented_file(orientation, format_name, **LOSSLESS[format_name]))
    assert info.size == Size(corpus.HEIGHT, corpus.WIDTH)
    np.testing.assert_array_equal(np.rint(frame.colour * 255), corpus.upright_pixels())


@pytest.mark.parametrize("format_name", ["JPEG", "AVIF"])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_the_pixels_of_lossy_files_are_upright(orientation, format_name):
    info, frame = read(corpus.oriented_file(orientation, format_name, quality=95))
    assert info.size == Size(corpus.HEIGHT, corpus.WIDTH)
    assert np.abs(frame.colour * 255 - corpus.upright_pixels()).mean() < 8


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_the_pixels_of_a_16_bit_tiff_are_upright(orientation):
    info, frame = read(corpus.wide_oriented_tiff(orientation))
    assert (info.depth, info.size) == (16, Size(corpus.HEIGHT, corpus.WIDTH))
    np.testing.assert_array_equal(np.rint(frame.colour * 255), corpus.upright_pixels())


@pytest.mark.parametrize("format_name", ["PNG", "JPEG", "WEBP", "TIFF", "AVIF"])
def test_the_tag_is_reset_and_the_rest_of_the_block_kept(format_name):
    info, frame = read(corpus.oriented_file(6, format_name))
    buffer = BytesIO()
    encode_picture(buffer, [frame], plan_encoding(info, info.size, format=None, quality=None, strip=False))
    with Image.open(buffer) as image:
        image.load()
        exif = image.getexif()
        assert exif.get(0x0112, 1) == 1
        assert exif[0x010F] == "a maker"
        assert image.size == (corpus.WIDTH, corpus.HEIGHT)


def test_the_orientation_in_xmp_is_reset():
    data = corpus.pillow_file(
        corpus.pixels(3), "JPEG", exif=b"Exif\0\0" + corpus.exif_block(8), xmp=corpus.xmp_packet(8)
    )
    info, _ = read(data)
    kept = plan_encoding(info, info.size, format=None, quality=None, strip=False).metadata
    assert b'tiff:Orientation="1"' in kept.xmp
    assert read_orientation(kept.exif) == 1


@pytest.mark.parametrize("stated", [0, 9, 77])
def test_an_impossible_orientation_turns_nothing(stated):
    exif = Image.Exif()
    exif[0x0112] = stated
    buffer = BytesIO()
    Image.fromarray(corpus.upright_pixels()).save(buffer, "PNG", exif=exif)
    info, frame = read(buffer.getvalue())
    assert info.size == Size(corpus.HEIGHT, corpus.WIDTH)
    np.testing.assert_array_equal(np.rint(frame.colour * 255), corpus.upright_pixels())
