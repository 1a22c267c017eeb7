"""HEIC files, as phones take them."""

from __future__ import annotations

import struct
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
from srcli.imaging.readers.pages import Pages, pages_of


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


@pytest.mark.parametrize(("bits", "tolerance"), [(10, 0.004), (12, 0.002)])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_bits_beyond_8_are_kept(heif, monkeypatch, bits, tolerance, channels):
    monkeypatch.setattr(heif.options, "SAVE_HDR_TO_12_BIT", bits == 12)
    array = corpus.smooth_pixels(channels, 16, 40, 60)
    mode = {1: "L;16", 3: "RGB;16", 4: "RGBA;16"}[channels]
    info, frame = read(heic(heif, array, mode))
    assert (info.depth, info.has_alpha) == (16, channels == 4)
    colours = 1 if channels == 1 else 3
    assert np.abs(frame.colour - array[:, :, :colours] / 65535).mean() < tolerance
    if channels == 4:
        assert np.abs(frame.alpha - array[:, :, 3] / 65535).mean() < tolerance


def test_colours_that_are_multiplied_with_transparency_are_divided_by_it(heif):
    array = np.zeros((40, 60, 4), np.uint8)
    array[:] = 100, 50, 0, 128
    image = heif.from_bytes(mode="RGBA", size=(60, 40), data=array.tobytes())
    image[0].premultiplied_alpha = True
    buffer = BytesIO()
    image.save(buffer, quality=-1, chroma=444)
    info, frame = read(buffer.getvalue())
    assert info.has_alpha
    np.testing.assert_allclose(frame.alpha, 128 / 255, atol=0.01)
    np.testing.assert_allclose(frame.colour[20, 30], [100 / 128, 50 / 128, 0], atol=0.02)


@pytest.mark.parametrize(("primaries", "transfer"), [(12, 13), (9, 16), (9, 18)])
def test_colours_that_are_told_by_numbers(heif, primaries, transfer):
    array = corpus.smooth_pixels(3, height=40, width=60)
    info, _ = read(heic(heif, array, color_primaries=primaries, transfer_characteristics=transfer))
    assert info.metadata.colour_chunks == ((b"cICP", bytes([primaries, transfer, 0, 1])),)
    assert info.metadata.icc is None


def test_a_profile_is_kept(heif):
    profile = corpus.wide_gamut_profile()
    image = Image.fromarray(corpus.smooth_pixels(3, height=40, width=60))
    image.info["icc_profile"] = profile
    buffer = BytesIO()
    heif.from_pillow(image).save(buffer, quality=-1)
    info, _ = read(buffer.getvalue())
    assert (info.metadata.icc, info.metadata.colour_chunks) == (profile, ())


def test_of_several_pictures_the_main_one_is_the_default_and_any_can_be_chosen(heif):
    arrays = [corpus.smooth_pixels(3, height=40, width=60 + 4 * index, seed=index) for index in range(3)]
    several = heif.from_pillow(Image.fromarray(arrays[0]))
    for array in arrays[1:]:
        several.add_from_pillow(Image.fromarray(array))
    buffer = BytesIO()
    several.save(buffer, quality=-1, chroma=444, primary_index=1)
    info, frame = read(buffer.getvalue())
    assert info.notes == ("it holds 3 pictures: only the main one is used; --page takes others",)
    assert np.abs(frame.colour * 255 - arrays[1]).mean() < 2
    assert pages_of(buffer.getvalue()) == Pages(3, (1, 2, 3))
    for number, array in enumerate(arrays, 1):
        with open_picture(buffer.getvalue(), page=number) as picture:
            assert picture.info.notes == ()
            assert np.abs(next(picture.frames()).colour * 255 - array).mean() < 2
    with pytest.raises(InputError, match="page 4: it has 3 pages"):
        open_picture(buffer.getvalue(), page=4)


@pytest.mark.parametrize(
    ("name", "note"),
    [
        (b"urn:mpeg:hevc:2015:auxid:2", "its map of depths is dropped"),
        (b"urn:test:2020:hdrgainmap:1", "its gain map, for displays of high dynamic range, is dropped"),
        (b"urn:test:2020:aux:skymask1", "an auxiliary picture (skymask1) is dropped"),
    ],
)
def test_maps_beside_the_picture_are_told(heif, name, note):
    # What is stored as transparency is another map by its name alone.
    data = heic(heif, corpus.smooth_pixels(4, height=40, width=60))
    assert data.count(b"urn:mpeg:hevc:2015:auxid:1") == 1
    info, frame = read(data.replace(b"urn:mpeg:hevc:2015:auxid:1", name))
    assert info.notes == (note,)
    assert not info.has_alpha
    assert frame.colour.shape == (40, 60, 3)


def test_a_size_beyond_the_limit_is_refused_before_anything_is_decoded(heif, monkeypatch):
    data = heic(heif, corpus.smooth_pixels(3, height=40, width=60))
    stated = data.index(b"ispe") + 8
    vast = data[:stated] + struct.pack(">II", 60_000, 50_000) + data[stated + 8 :]
    monkeypatch.setattr(heif, "open_heif", None)
    with pytest.raises(InputError, match="3000 megapixels"):
        open_picture(vast)


def test_a_damaged_file_is_an_error(heif):
    data = heic(heif, corpus.smooth_pixels(3, height=40, width=60))
    with pytest.raises(InputError, match=r"damaged|truncated"):
        read(data[: len(data) * 2 // 3])


def test_without_the_extra_the_command_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(InputError, match="reading HEIC files needs the extra 'heic'") as caught:
        read(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100))
    assert caught.value.hint == "pip install '.[heic]' in a copy of srcli's repository"
