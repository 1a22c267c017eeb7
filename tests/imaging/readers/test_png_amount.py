"""PNG files whose header says another size than their pixels have."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import corpus
import numpy as np
import pytest
import pyvips
from PIL import Image

from srcli.core.errors import InputError
from srcli.imaging.decode import open_picture
from srcli.imaging.readers import png_reader

HEIGHT, WIDTH = 21, 19


def png(mode):
    buffer = BytesIO()
    Image.fromarray(corpus.pixels(3, 8, HEIGHT, WIDTH)).convert(mode).save(buffer, "PNG")
    return buffer.getvalue()


def by_vips(depth, **options):
    space = "rgb16" if depth == 16 else "srgb"
    image = pyvips.Image.new_from_array(corpus.pixels(3, depth, HEIGHT, WIDTH)).copy(interpretation=space)
    return image.write_to_buffer(".png", **options)


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def sized(data, width, height):
    """The file with another size in its header."""
    return data[:8] + chunk(b"IHDR", struct.pack(">II", width, height) + data[24:29]) + data[33:]


FILES = {
    "RGB": png("RGB"),
    "RGBA": png("RGBA"),
    "grey": png("L"),
    "palette": png("P"),
    "bits": png("1"),
    "interlaced": by_vips(8, interlace=True),
    "16 bits": by_vips(16),
    "16 bits, interlaced": by_vips(16, interlace=True),
}


@pytest.fixture(params=["small", "large"])
def size_limit(request, monkeypatch):
    """Whether the pixels are counted when the file is opened, or when it is decoded."""
    if request.param == "large":
        monkeypatch.setattr(png_reader, "_SMALL_BYTES", 0)


def read(data):
    with open_picture(data) as picture:
        return [frame.colour for frame in picture.frames()]


@pytest.mark.parametrize("name", FILES)
def test_the_right_size(name, size_limit):
    (colour,) = read(FILES[name])
    assert colour.shape[:2] == (HEIGHT, WIDTH)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("size", [(WIDTH, HEIGHT + 1), (WIDTH, 30 * HEIGHT), (WIDTH + 8, HEIGHT)])
def test_fewer_pixels_than_the_header_says(name, size, size_limit):
    with pytest.raises(InputError, match=r"truncated|damaged"):
        read(sized(FILES[name], *size))


@pytest.mark.parametrize("name", [name for name in FILES if not name.startswith("16")])
@pytest.mark.parametrize("size", [(WIDTH, HEIGHT - 1), (WIDTH, 1), (WIDTH - 8, HEIGHT)])
def test_more_pixels_than_the_header_says(name, size, size_limit):
    with pytest.raises(InputError, match=r"more rows than its header says|truncated|damaged"):
        read(sized(FILES[name], *size))


@pytest.mark.parametrize("size", [(WIDTH, HEIGHT - 1), (WIDTH - 8, HEIGHT)])
@pytest.mark.parametrize("name", ["16 bits", "16 bits, interlaced"])
def test_more_pixels_of_16_bits_than_the_header_says(name, size):
    with pytest.raises(InputError, match="more rows than its header says"):
        read(sized(FILES[name], *size))


@pytest.mark.parametrize("size", [(WIDTH, HEIGHT - 1), (WIDTH, HEIGHT + 1), (WIDTH - 8, HEIGHT)])
@pytest.mark.parametrize("name", ["RGB", "RGBA", "grey", "16 bits"])
def test_rows_of_another_picture_than_the_header_says(name, size, size_limit):
    with pytest.raises(InputError, match=r"more rows than its header says|truncated|damaged"):  # noqa: SIM117
        with open_picture(sized(FILES[name], *size)) as picture:
            list(picture.bands(0))


@pytest.mark.parametrize("start", [0, 5])
def test_rows_of_a_whole_picture_are_those_of_its_frame(start, size_limit):
    with open_picture(FILES["RGB"]) as picture:
        rows = np.concatenate([band.colour for band in picture.bands(start)])
        (frame,) = picture.frames()
    np.testing.assert_array_equal(rows, frame.colour[start:])


def test_texts_that_decoders_refuse_do_not_keep_a_small_picture_from_being_read(size_limit):
    data = FILES["RGB"]
    text = chunk(b"tEXt", b"Comment\0" + bytes([97]) * 2**23)
    (colour,) = read(data[:33] + text + data[33:])
    np.testing.assert_array_equal(colour, read(data)[0])


def test_pixels_in_many_chunks_and_empty_ones():
    data = FILES["RGB"]
    begin = data.index(b"IDAT") - 4
    length = struct.unpack_from(">I", data, begin)[0]
    content = data[begin + 8 : begin + 8 + length]
    parts = [content[start : start + 7] for start in range(0, length, 7)]
    split = b"".join(chunk(b"IDAT", part) for part in (b"", *parts, b""))
    (colour,) = read(data[:begin] + split + data[begin + 12 + length :])
    np.testing.assert_array_equal(colour, read(data)[0])
