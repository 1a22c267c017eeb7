"""What follows a picture in its stream is named."""

from __future__ import annotations

from io import BytesIO

import corpus
import pytest
from PIL import Image

from srcli.imaging.decode import open_picture


def notes(data):
    with open_picture(data) as picture:
        next(iter(picture.frames()))
        return picture.info.notes


def encoded(file_format, **options):
    buffer = BytesIO()
    Image.fromarray(corpus.pixels(3)).save(buffer, file_format, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("file_format", ["PNG", "PPM", "WEBP"])
def test_a_second_picture_in_a_stream_is_named(file_format):
    data = encoded(file_format, **({"lossless": True} if file_format == "WEBP" else {}))
    assert notes(data) == ()
    assert notes(data + data) == ("a further picture behind it is dropped",)
    assert notes(data + b"some words") == ("10 bytes behind its picture are dropped",)
    assert notes(data + b"\n\0\0\0\0") == ()


def test_a_second_picture_of_16_bits_is_named():
    data = b"P5\n3 2\n65535\n" + bytes(range(12))
    assert notes(data) == ()
    assert notes(data + data) == ("a further picture behind it is dropped",)
