"""HEIC files, as phones take them."""

from __future__ import annotations

import sys
from io import BytesIO

import corpus
import numpy as np
import pytest
from PIL import Image

from srcli.core.errors import InputError
from srcli.core.geometry import Size
from srcli.imaging.decode import open_picture
from srcli.imaging.encode import encode_picture, plan_encoding


@pytest.fixture
def heif():
    return pytest.importorskip("pillow_heif", reason="pip install '.[heic]'")


def heic(heif, array, mode=None, **options):
    image = (
        heif.from_bytes(mode=mode, size=array.shape[1::-1], data=array.tobytes())
        if mode
        else heif.from_pillow(Image.fromarray(array))
    )
    buffer = BytesIO()
    image.save(buffer, **{"quality": -1, "chroma": 444, **options})
    return buffer.getvalue()


def read(data):
    with open_picture(data) as picture:
        return picture.info, next(iter(picture.frames()))


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_pixels_of_every_kind(heif, channels):
    array = corpus.smooth_pixels(channels, height=40, width=60)
    info, frame = read(heic(heif, array if channels > 1 else array[:, :, 0]))
    assert (info.format, info.size, info.depth) == ("HEIC", Size(40, 60), 8)
    assert info.has_alpha == (channels == 4)
    assert frame.colour.shape == (40, 60, 1 if channels == 1 else 3)
    assert np.abs(frame.colour * 255 - array[:, :, :3]).mean() < 2
    if channels == 4:
        assert np.abs(frame.alpha * 255 - array[:, :, 3]).mean() < 2


def test_ten_bits_are_sixteen_and_white_is_white(heif):
    array = corpus.smooth_pixels(3, 16, 40, 60)
    info, frame = read(heic(heif, array, "RGB;16"))
    assert info.depth == 16
    assert np.abs(frame.colour - array / 65535).mean() < 0.005
    white = np.full((40, 60, 3), 65535, np.uint16)
    assert read(heic(heif, white, "RGB;16"))[1].colour.max() == pytest.approx(1, abs=0.002)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turn_is_baked_in_once(heif, orientation):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "Acme"
    array = corpus.smooth_pixels(3, height=40, width=60)
    info, frame = read(heic(heif, array, exif=exif.tobytes()))
    assert info.size == (Size(60, 40) if orientation > 4 else Size(40, 60))
    upright = Image.fromarray(array)
    upright.getexif()[0x0112] = orientation
    turned = BytesIO()
    upright.save(turned, "PNG", exif=upright.getexif())
    _, expected = read(turned.getvalue())
    assert np.abs(frame.colour - expected.colour).mean() * 255 < 2
    assert b"Acme" in info.metadata.exif


def test_it_is_written_as_jpeg_with_its_metadata_upright(heif):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Acme"
    data = heic(heif, corpus.smooth_pixels(3, height=40, width=60), exif=exif.tobytes())
    with open_picture(data) as picture:
        encoding = plan_encoding(picture.info, picture.info.size, format=None, quality=None, strip=False)
        buffer = BytesIO()
        encode_picture(buffer, picture.frames(), encoding)
    assert (encoding.format, encoding.extension) == ("JPEG", ".jpg")
    with Image.open(buffer) as image:
        assert image.size == (40, 60)
        assert image.getexif()[0x010F] == "Acme"
        assert image.getexif()[0x0112] == 1


def test_a_damaged_file_is_an_error(heif):
    data = heic(heif, corpus.smooth_pixels(3, height=40, width=60))
    with pytest.raises(InputError, match=r"damaged|truncated"):
        read(data[: len(data) * 2 // 3])


def test_without_the_extra_the_command_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(InputError, match="reading HEIC files needs the extra 'heic'") as caught:
        read(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100))
    assert caught.value.hint == "pip install '.[heic]' in a copy of srcli's repository"
