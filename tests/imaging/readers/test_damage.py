"""Damage within the pixels is an error where the decoder notices it, whatever the format."""

from __future__ import annotations

from io import BytesIO

import corpus
import numpy as np
import pytest
from PIL import Image

from srcli.core.errors import InputError
from srcli.imaging.decode import open_picture


def read(data):
    with open_picture(data) as picture:
        return list(picture.frames())


def read_bands(data):
    with open_picture(data) as picture:
        return np.concatenate([frame.colour for frame in picture.bands(0)])


def photograph(height=97, width=131):
    return corpus.smooth_pixels(3, 8, height, width)


def jpeg(**options):
    return corpus.pillow_file(photograph(), "JPEG", quality=90, **options)


@pytest.mark.parametrize("reader", [read, read_bands])
@pytest.mark.parametrize("share", [0.4, 0.9, 0.98])
def test_a_jpeg_cut_short_that_is_closed_again(reader, share):
    whole = jpeg()
    with pytest.raises(InputError, match=r"truncated|damaged"):
        reader(whole[: int(len(whole) * share)] + whole[-2:])


def test_a_jpeg_with_bytes_overwritten():
    data = bytearray(jpeg())
    middle = len(data) // 2
    data[middle : middle + 64] = b"\xff\0" * 32
    with pytest.raises(InputError, match=r"truncated|damaged"):
        read(bytes(data))


def test_a_progressive_jpeg_without_its_last_scans():
    whole = jpeg(progressive=True)
    with pytest.raises(InputError, match=r"truncated|damaged"):
        read(whole[: int(len(whole) * 0.9)] + whole[-2:])


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[:-2] + bytes(40) + data[-2:],
        lambda data: data + b"more",
        lambda data: data[: data.index(b"\xff\xdb")] + b"four" + data[data.index(b"\xff\xdb") :],
        lambda data: data,
    ],
    ids=["zeros before the end", "bytes behind the end", "bytes between the segments", "whole"],
)
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_what_is_harmless_is_read_as_pillow_reads_it(change, mode):
    buffer = BytesIO()
    Image.fromarray(photograph()).convert(mode).save(buffer, "JPEG", quality=90)
    data = change(buffer.getvalue())
    with Image.open(BytesIO(data)) as image:
        expected = np.asarray(image).reshape(97, 131, -1)
    colour = np.rint(read(data)[0].colour * 255)
    np.testing.assert_array_equal(255 - colour if mode == "CMYK" else colour, expected)


def test_a_damaged_file_does_not_taint_the_next():
    whole = jpeg()
    with pytest.raises(InputError):
        read(whole[:1500] + whole[-2:])
    assert read(whole)
