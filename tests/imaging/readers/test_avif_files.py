"""AVIF files: crops, turns, depth, damage."""

from __future__ import annotations

import struct
from io import BytesIO

import corpus
import numpy as np
import pytest
import pyvips
from PIL import Image

from srcli.core.errors import InputError
from srcli.core.geometry import Size
from srcli.imaging.containers.isobmff import ItemProperties
from srcli.imaging.decode import open_picture
from srcli.imaging.encode import encode_picture, plan_encoding


def read(data):
    with open_picture(data) as picture:
        return picture.info, next(iter(picture.frames()))


def deep(array, bits, **options):
    image = pyvips.Image.new_from_array(array).copy(
        interpretation="rgb16" if array.shape[2] > 2 else "grey16"
    )
    return image.write_to_buffer(".avif", bitdepth=bits, subsample_mode="off", **options)


def clap(width, height, right, down):
    numbers = (width, 1, height, 1, round(2 * right), 2, round(2 * down), 2)
    return struct.pack(">4IiIiI", *numbers)


def cropped(width, height, right, down):
    """A file with the box of a crop: its place among the properties is that of one that says less."""
    data = corpus.pillow_file(corpus.smooth_pixels(3, height=40, width=60), "AVIF", quality=90)
    # Every box that holds the new one grows by it, and so do the places of the pixels behind.
    box = struct.pack(">I4s", 40, b"clap") + clap(width, height, right, down)
    changed = bytearray(data)
    ipco = data.index(b"ipco") - 4
    end = ipco + int.from_bytes(data[ipco : ipco + 4], "big")
    for name in (b"meta", b"iprp", b"ipco"):
        start = data.index(name) - 4
        size = int.from_bytes(data[start : start + 4], "big")
        changed[start : start + 4] = struct.pack(">I", size + len(box))
    offset = data.index(b"iloc") + 4 + 4 + 2 + 2 + 2 + 2 + 2
    place = int.from_bytes(data[offset : offset + 4], "big")
    changed[offset : offset + 4] = struct.pack(">I", place + len(box) + 1)
    ipma = data.index(b"ipma") - 4
    count = ipma + 8 + 4 + 4 + 2
    for start in (ipma, data.index(b"iprp") - 4, data.index(b"meta") - 4):
        size = int.from_bytes(changed[start : start + 4], "big")
        changed[start : start + 4] = struct.pack(">I", size + 1)
    number = changed[count]
    properties = sum(1 for _ in iterate(data[ipco + 8 : end])) + 1
    changed[count] = number + 1
    changed[count + 1 + number : count + 1 + number] = bytes([0x80 | properties])
    changed[end:end] = box
    return bytes(changed), data


def iterate(data):
    position = 0
    while position < len(data):
        yield position
        position += int.from_bytes(data[position : position + 4], "big")


def test_a_crop_is_obeyed():
    data, whole = cropped(30, 20, -5, 4)
    info, frame = read(data)
    assert info.size == Size(20, 30)
    assert info.notes == ()
    with Image.open(BytesIO(whole)) as image:
        expected = np.asarray(image)[14:34, 10:40]
    np.testing.assert_array_equal(np.rint(frame.colour * 255), expected)


@pytest.mark.parametrize("crop", [(30, 20, 0.5, 0), (30, 20, 40, 0), (90, 20, 0, 0)])
def test_a_crop_that_makes_no_sense_is_told(crop):
    data, _ = cropped(*crop)
    info, _ = read(data)
    assert info.size == Size(40, 60)
    assert info.notes == ("its crop makes no sense and was ignored",)


def test_fractions_of_a_crop():
    box = struct.pack(">4IiIiI", 180, 2, 100, 1, -10, 4, 0, 1)
    crop = ItemProperties(((b"clap", box),)).crop_of(Size(100, 95))
    assert (crop.left, crop.top, crop.right, crop.bottom) == (0, 0, 90, 100)


@pytest.mark.parametrize("bits", [10, 12])
def test_more_than_8_bits_are_read(bits):
    array = corpus.smooth_pixels(3, 16, 40, 60)
    info, frame = read(deep(array, bits, Q=98))
    assert (info.depth, info.format) == (16, "AVIF")
    assert info.notes == ()
    assert np.abs(frame.colour - array / 65535).mean() < 0.01
    white = np.full((16, 16, 3), 65535, np.uint16)
    assert read(deep(white, bits, lossless=True))[1].colour.max() == pytest.approx(1, abs=1e-6)


def test_transparency_of_more_than_8_bits():
    array = corpus.smooth_pixels(4, 16, 40, 60)
    info, frame = read(deep(array, 10, Q=98))
    assert info.has_alpha
    assert np.abs(frame.alpha - array[:, :, 3] / 65535).mean() < 0.01


@pytest.mark.parametrize(("target", "depth"), [("png", 16), ("avif", 8)])
def test_more_than_8_bits_reach_png_and_are_told_where_they_dont(target, depth):
    data = deep(corpus.smooth_pixels(3, 16, 40, 60), 10, Q=98)
    with open_picture(data) as picture:
        encoding = plan_encoding(picture.info, picture.info.size, format=target, quality=100, strip=False)
        buffer = BytesIO()
        encode_picture(buffer, picture.frames(), encoding)
    info, frame = read(buffer.getvalue())
    assert info.depth == depth
    assert any("8 bit" in warning for warning in encoding.warnings) == (depth == 8)
    assert np.abs(frame.colour - read(data)[1].colour).mean() < 0.02


def test_changed_bytes_are_noticed():
    data = bytearray(corpus.pillow_file(corpus.pixels(3, height=97, width=131), "AVIF", quality=90))
    start = data.index(b"mdat") + 200
    data[start : start + 40] = b"\x55" * 40
    with pytest.raises(InputError, match="damaged"):
        read(bytes(data))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turns_of_the_container_are_baked_in(orientation):
    # Pillow writes an orientation of EXIF as turns of the container.
    exif = Image.Exif()
    exif[0x0112] = orientation
    array = corpus.smooth_pixels(3, height=40, width=60)
    data = corpus.pillow_file(array, "AVIF", quality=95, exif=exif)
    info, frame = read(data)
    assert info.size == (Size(60, 40) if orientation > 4 else Size(40, 60))
    turned = pyvips.Image.new_from_array(array).copy()
    turned.set_type(pyvips.GValue.gint_type, "orientation", orientation)
    expected = np.asarray(turned.autorot().numpy())
    assert np.abs(frame.colour * 255 - expected).mean() < 6


def test_the_container_alone_turns_a_picture():
    packet = corpus.xmp_packet(6)
    data = corpus.pillow_file(corpus.smooth_pixels(3, height=40, width=60), "AVIF", xmp=packet)
    info, _ = read(data)
    assert info.size == Size(40, 60)
    assert info.notes == ()
