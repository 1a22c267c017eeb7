"""BMP fields that contradict one another: refused, or read as what they were before; never other pixels."""

from __future__ import annotations

import struct
from io import BytesIO

import corpus
import numpy as np
import pytest
from PIL import Image

from srcli.core.errors import InputError
from tests.imaging.readers import reading
from tests.imaging.readers.reading import refusal

HEIGHT, WIDTH = 21, 19
PICTURE = Image.fromarray(corpus.smooth_pixels(3, 8, HEIGHT, WIDTH))
VALUES = np.random.default_rng(1).integers(0, 256, HEIGHT * 80, dtype=np.uint8).tobytes()
FILE_SIZE, START, HEADER, WIDE, HIGH, PLANES, BITS, COMPRESSION, SIZE, USED = (
    2,
    10,
    14,
    18,
    22,
    26,
    28,
    30,
    34,
    46,
)


def pillow(image):
    buffer = BytesIO()
    image.save(buffer, "BMP")
    return buffer.getvalue()


def with_header(header, bits, pixels, fields=b"", palette=b"", compression=0):
    """A file with one of the longer headers, whose fields behind the first 40 bytes are given."""
    start = 14 + header + len(palette)
    head = struct.pack("<IiiHHIIiiII", header, WIDTH, HEIGHT, 1, bits, compression, len(pixels), 0, 0, 0, 0)
    return b"".join(
        (
            struct.pack("<2sIII", b"BM", start + len(pixels), 0, start),
            (head + fields).ljust(header, b"\0"),
            palette,
            pixels,
        )
    )


def of_os2(colours):
    indices = np.arange(HEIGHT * 20, dtype=np.uint8) % colours
    palette = VALUES[: 3 * colours]
    start = 26 + len(palette)
    head = struct.pack("<2sIIIIHHHH", b"BM", start + len(indices), 0, start, 12, WIDTH, HEIGHT, 1, 8)
    return head + palette + indices.tobytes()


def run_lengths(row_pixels=WIDTH, rows=HEIGHT, end=b"\0\1"):
    codes = b"".join(bytes((5, row, row_pixels - 5, 7, 0, 0)) for row in range(rows)) + end
    palette = bytes(range(256)) * 4
    return with_header(40, 8, codes, palette=palette, compression=1)


MASKS_565 = struct.pack("<4I", 0xF800, 0x7E0, 0x1F, 0) + b"BGRs"
BASES = {
    "RGB": pillow(PICTURE),
    "RGBA": pillow(PICTURE.convert("RGBA")),
    "palette": pillow(PICTURE.quantize(256)),
    "palette of 40": pillow(PICTURE.quantize(40)),
    "grey": pillow(PICTURE.convert("L")),
    "bits": pillow(PICTURE.convert("1")),
    "OS/2": of_os2(200),
    "version 5": with_header(124, 24, VALUES[: 60 * HEIGHT], bytes(16) + b"BGRs"),
    "16 bits": with_header(124, 16, VALUES[: 40 * HEIGHT], MASKS_565, compression=3),
    "run lengths": run_lengths(),
}


def read(data):
    return reading.read(data)[1][0].colour


def patched(data, place, letter, number):
    changed = bytearray(data)
    struct.pack_into("<" + letter, changed, place, number)
    return bytes(changed)


def astray(data):
    """Files of which one field of the headers is another."""
    core = data[HEADER] == 12
    fields = {FILE_SIZE: "I", START: "I", HEADER: "I"}
    fields |= {18: "H", 20: "H", 22: "H", 24: "H"} if core else {WIDE: "I", HIGH: "I", PLANES: "H", BITS: "H"}
    fields |= {} if core else {COMPRESSION: "I", SIZE: "I", USED: "I"}
    for place, letter in fields.items():
        value = struct.unpack_from("<" + letter, data, place)[0]
        top = 256 ** struct.calcsize(letter) - 1
        others = {value ^ 1 << bit for bit in range(16)} | {0, 1, 2, value // 2, 2 * value, 10 * value, top}
        for other in sorted(others - {value}):
            if other <= top:
                yield place, f"{place}: {value} to {other}", patched(data, place, letter, other)


def is_same_row(data, changed):
    """Whether rows of the other width take as many bytes, so that nothing tells which is right."""
    core = data[HEADER] == 12
    (width, bits), (other, _) = (
        struct.unpack_from("<H4xH" if core else "<I6xH", each, WIDE) for each in (data, changed)
    )
    return (width * bits + 31) // 32 == (other * bits + 31) // 32


@pytest.mark.parametrize("name", BASES)
def test_one_field_astray_gives_no_other_pixels_in_silence(name):
    data = BASES[name]
    before = read(data)
    refused, wrong = 0, []
    for place, what, changed in astray(data):
        try:
            after = read(changed)
        except InputError:
            refused += 1
            continue
        if not np.array_equal(before, after) and not (place == WIDE and is_same_row(data, changed)):
            wrong.append(what)
    assert not wrong
    assert refused > 60


@pytest.mark.parametrize("height", [HEIGHT - 1, 1, 7])
def test_more_pixels_than_the_header_says(height):
    words = f"its size takes {60 * height} bytes of pixels, and there are {60 * HEIGHT}"
    assert words in refusal(patched(BASES["RGB"], HIGH, "I", height))


@pytest.mark.parametrize(
    ("place", "letter", "number", "words"),
    [
        (PLANES, "H", 3, "3 planes, where all BMP files have one"),
        (START, "I", 50, "its pixels begin at byte 50, within headers of 54 bytes"),
        (COMPRESSION, "I", 1, "24 bits a pixel, which its compression 1 can't hold"),
    ],
)
def test_the_message_says_which_field_and_its_value(place, letter, number, words):
    assert words in refusal(patched(BASES["RGB"], place, letter, number))


def test_a_palette_of_more_colours_than_there_is_room_for():
    words = "a palette of 900 colours lies over its pixels, from byte 1078 on"
    assert words in refusal(patched(BASES["palette"], USED, "I", 900))


def test_a_pixel_of_a_colour_that_the_palette_lacks():
    data = bytearray(BASES["palette of 40"])
    data[-WIDTH] = 77
    assert "pixels of colour 77 of a palette of 40" in refusal(bytes(data))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (run_lengths(rows=HEIGHT - 2), f"{HEIGHT - 2} rows of at most {WIDTH} pixels, and its header says"),
        (run_lengths(rows=HEIGHT + 1), f"more rows than the {HEIGHT} that its header says"),
        (run_lengths(row_pixels=WIDTH - 3), f"rows of at most {WIDTH - 3} pixels"),
        (run_lengths(row_pixels=WIDTH + 9), f"a row of {WIDTH + 9} pixels, and its header says {WIDTH}"),
        (run_lengths(end=b""), "truncated"),
    ],
)
def test_run_lengths_of_another_picture_than_the_header_says(data, words):
    assert words in refusal(data)


# What programs write, and what all readers read.
LIES = {
    "no size of the file": ("RGB", FILE_SIZE, 0),
    "a wrong size of the file": ("RGB", FILE_SIZE, 54),
    "no size of the pixels": ("RGB", SIZE, 0),
    "a wrong size of the pixels": ("RGB", SIZE, 2**31),
    "pixels said to begin behind the header": ("palette", START, 54),
    "no place of the pixels": ("RGB", START, 0),
    "colours where there is no palette": ("RGB", USED, 2**24),
    "no number of colours": ("palette", USED, 0),
}


@pytest.mark.parametrize("name", LIES)
def test_small_lies_that_programs_tell_are_read(name):
    base, place, number = LIES[name]
    data = BASES[base]
    np.testing.assert_array_equal(read(patched(data, place, "I", number)), read(data))


@pytest.mark.parametrize("base", ["RGB", "bits", "run lengths"])
def test_bytes_that_fill_up_the_end_are_read(base):
    data = BASES[base]
    size = struct.unpack_from("<I", data, SIZE)[0]
    np.testing.assert_array_equal(read(patched(data, SIZE, "I", size + 2) + b"\0\0"), read(data))


def test_a_gap_before_the_pixels_is_read():
    data = BASES["palette of 40"]
    start = struct.unpack_from("<I", data, START)[0]
    moved = patched(data[:start] + bytes(100) + data[start:], START, "I", start + 100)
    np.testing.assert_array_equal(read(moved), read(data))


def test_os2_files_of_fewer_colours_than_256_are_read():
    assert read(of_os2(70)).shape == (HEIGHT, WIDTH, 3)


def test_run_lengths_of_rows_that_are_filled_up_are_read():
    """ImageMagick writes such."""
    np.testing.assert_array_equal(read(run_lengths(row_pixels=20)), read(run_lengths()))


def test_steps_within_run_lengths_are_read():
    rows = b"".join(bytes((WIDTH, row, 0, 0)) for row in range(HEIGHT - 3))
    codes = rows + bytes((0, 2, 4, 2)) + bytes((WIDTH - 4, 9, 0, 1))
    data = with_header(40, 8, codes, palette=bytes(range(256)) * 4, compression=1)
    assert read(data).shape[:2] == (HEIGHT, WIDTH)


@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("greys", [(0, 255), (0,), tuple(range(16))])
def test_palettes_that_look_like_greys_are_palettes(bits, greys):
    row = 12 if bits == 4 else 20
    pixels = bytes(index * 0x11 if bits == 4 else index for index in range(len(greys)))
    pixels = (pixels * row * HEIGHT)[: row * HEIGHT]
    data = with_header(40, bits, pixels, palette=b"".join(bytes((grey, grey, grey, 0)) for grey in greys))
    levels = np.rint(read(patched(data, USED, "I", len(greys))) * 255)
    indices = np.frombuffer(pixels, np.uint8).reshape(HEIGHT, row)[::-1]
    indices = np.repeat(indices & 15, 2, axis=1) if bits == 4 else indices
    np.testing.assert_array_equal(levels[:, :, 0], np.array(greys)[indices][:, :WIDTH])
