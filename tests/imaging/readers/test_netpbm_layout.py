"""Netpbm files with another amount of pixels than their header says, or other values."""

from __future__ import annotations

import numpy as np
import pytest

from srcli.core.errors import InputError
from tests.imaging.readers import reading
from tests.imaging.readers.reading import refusal

HEIGHT, WIDTH = 13, 17
LEVELS = np.random.default_rng(3).integers(0, 101, (HEIGHT, WIDTH, 3))


def plain(kind, head, samples):
    return f"P{kind}\n{head}\n".encode() + b"\n".join(
        b" ".join(b"%d" % value for value in row) for row in samples
    )


GREY = LEVELS[:, :, 0]
FILES = {
    "P6": b"P6\n17 13\n255\n" + LEVELS.astype(np.uint8).tobytes(),
    "P5": b"P5 17 13 255\n" + GREY.astype(np.uint8).tobytes(),
    "P5 of 100": b"P5 17 13 100\n" + GREY.astype(np.uint8).tobytes(),
    "P5 of 16 bits": b"P5 17 13 1000\n" + (10 * GREY).astype(">u2").tobytes(),
    "P4": b"P4\n17 13\n" + np.packbits(GREY > 50, axis=1).tobytes(),
    "P3": plain(3, "17 13\n255", LEVELS.reshape(HEIGHT, -1)),
    "P2": plain(2, "17 13 # a comment\n255", GREY),
    "P1": plain(1, "17 13", GREY > 50),
    "P2 of 16 bits": plain(2, "17 13\n1000", 10 * GREY),
}


def read(data):
    info, (frame,) = reading.read(data)
    return info, frame.colour


@pytest.mark.parametrize("name", FILES)
def test_the_right_amount_is_read_in_silence(name):
    info, colour = read(FILES[name])
    assert colour.shape[:2] == (HEIGHT, WIDTH)
    assert not [note for note in info.notes if "behind" in note]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("size", [b"17 12", b"17 1", b"8 13", b"1 13"])
def test_more_pixels_than_the_header_says(name, size):
    words = refusal(FILES[name].replace(b"17 13", size, 1))
    assert "its size takes" in words
    assert "and there are" in words


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("size", [b"17 14", b"33 13", b"170 13"])
def test_fewer_pixels_than_the_header_says(name, size):
    with pytest.raises(InputError, match=r"truncated|damaged"):
        read(FILES[name].replace(b"17 13", size, 1))


@pytest.mark.parametrize(
    ("name", "peak", "lower"),
    [("P5 of 100", b"100", b"70"), ("P5 of 16 bits", b"1000", b"700"), ("P2 of 16 bits", b"1000", b"700")],
)
def test_a_sample_above_the_highest_value(name, peak, lower):
    words = refusal(FILES[name].replace(peak, lower, 1))
    assert f"and its header says that {lower.decode()} is the highest" in words


@pytest.mark.parametrize("name", FILES)
def test_a_line_end_and_a_few_bytes_behind_are_read(name):
    np.testing.assert_array_equal(read(FILES[name] + b"\n\n")[1], read(FILES[name])[1])


@pytest.mark.parametrize("name", ["P6", "P5", "P4", "P5 of 16 bits"])
def test_a_further_picture_behind_is_told(name):
    info, colour = read(FILES[name] + FILES["P6"])
    assert "a further picture behind it is dropped" in info.notes
    np.testing.assert_array_equal(colour, read(FILES[name])[1])


def test_a_stream_of_zeros_behind_is_read():
    info, _ = read(FILES["P5"] + bytes(400))
    assert not info.notes
