"""Palettes, transparent keys, few bits, ink, odd colour models: read as what they show, or refused."""

from __future__ import annotations

from io import BytesIO

import corpus
import numpy as np
import pytest
from PIL import Image

from srcli.core.errors import InputError
from srcli.imaging.decode import open_picture
from srcli.imaging.encode import encode_picture, plan_encoding


def read(data):
    with open_picture(data) as picture:
        frames = list(picture.frames())
        return picture.info, frames[0]


def bytes_of(plane):
    return np.rint(plane * 255).astype(int)


def convert(data, target, **options):
    with open_picture(data) as picture:
        chosen = {"format": target, "quality": None, "strip": False} | options
        encoding = plan_encoding(picture.info, picture.info.size, **chosen)
        buffer = BytesIO()
        encode_picture(buffer, picture.frames(), encoding)
    return buffer.getvalue(), encoding


@pytest.mark.parametrize("clear", [False, True])
@pytest.mark.parametrize("grey", [False, True])
def test_a_palette_becomes_the_colours_it_stands_for(clear, grey):
    data, expected = corpus.palette_png(clear, grey)
    info, frame = read(data)
    assert (info.mode, info.has_alpha) == ("grey" if grey else "rgb", clear)
    assert info.notes == (f"its palette was expanded to {'grey' if grey else 'RGB'}",)
    colours = np.broadcast_to(bytes_of(frame.colour), expected[:, :, :3].shape)
    np.testing.assert_array_equal(colours, expected[:, :, :3])
    if clear:
        np.testing.assert_array_equal(bytes_of(frame.alpha), expected[:, :, 3])


@pytest.mark.parametrize(("depth", "key", "level"), [(1, 1, 255), (2, 1, 85), (4, 5, 85), (8, 85, 85)])
def test_a_transparent_grey_of_any_depth_is_honoured(depth, key, level):
    values = np.arange(corpus.HEIGHT * 16).reshape(corpus.HEIGHT, 16) % 2**depth
    if depth == 8:
        values[0, :2] = key
    bits = np.unpackbits(values.astype(np.uint8)[:, :, None], axis=2)[:, :, 8 - depth :]
    rows = b"".join(b"\0" + np.packbits(row.ravel()).tobytes() for row in bits)
    data = corpus.png_file(16, corpus.HEIGHT, depth, 0, rows, (b"tRNS", key.to_bytes(2, "big")))
    info, frame = read(data)
    assert (info.mode, info.has_alpha) == ("grey", True)
    np.testing.assert_array_equal(bytes_of(frame.colour)[:, :, 0], values * (255 // (2**depth - 1)))
    np.testing.assert_array_equal(frame.alpha, values != key)
    assert level == key * 255 // (2**depth - 1)


def test_a_transparent_colour_is_honoured():
    array = corpus.pixels(3)
    key = tuple(int(value) for value in array[5, 6])
    info, frame = read(corpus.pillow_file(array, "PNG", transparency=key))
    assert info.has_alpha
    np.testing.assert_array_equal(frame.alpha, (array != key).any(axis=2))


def test_a_transparent_colour_of_16_bits_is_honoured():
    array = corpus.pixels(3, 16)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in array)
    key = array[5, 6].astype(">u2").tobytes()
    info, frame = read(corpus.png_file(corpus.WIDTH, corpus.HEIGHT, 16, 2, rows, (b"tRNS", key)))
    assert (info.depth, info.has_alpha) == (16, True)
    np.testing.assert_array_equal(frame.alpha, (array != array[5, 6]).any(axis=2))


@pytest.mark.parametrize("format_name", ["PNG", "TIFF", "BMP", "PPM"])
def test_one_bit_is_widened_to_grey(format_name):
    array = corpus.pixels(1)[:, :, 0] > 128
    buffer = BytesIO()
    Image.fromarray(array).save(buffer, format_name)
    info, frame = read(buffer.getvalue())
    assert info.mode == "grey"
    np.testing.assert_array_equal(frame.colour[:, :, 0], array)


@pytest.mark.parametrize("adobe", [True, False])
def test_ink_is_read_and_written_the_right_way_round(adobe):
    ink = np.zeros((8, 8, 4), np.uint8)
    ink[:, :, 0], ink[:, :, 3] = 230, 12
    data = corpus.pillow_file(ink, "JPEG", "CMYK", quality=100)
    if not adobe:
        start = data.index(b"\xff\xee")
        data = data[:start] + data[start + 2 + int.from_bytes(data[start + 2 : start + 4], "big") :]
    info, frame = read(data)
    assert info.mode == "cmyk"
    np.testing.assert_allclose(255 - bytes_of(frame.colour)[4, 4], [230, 0, 0, 12], atol=2)
    written, _ = convert(data, "jpg", quality=100)
    with Image.open(BytesIO(written)) as image:
        np.testing.assert_allclose(np.asarray(image)[4, 4], [230, 0, 0, 12], atol=3)
    with Image.open(BytesIO(convert(data, "tiff")[0])) as image:
        np.testing.assert_allclose(np.asarray(image)[4, 4], [230, 0, 0, 12], atol=2)


@pytest.mark.parametrize("target", ["png", "webp", "bmp", "avif", "gif", "ppm"])
def test_ink_becomes_rgb_where_a_format_has_none(target):
    ink = np.zeros((8, 8, 4), np.uint8)
    ink[:, :, 0] = 255
    data, encoding = convert(corpus.pillow_file(ink, "TIFF", "CMYK"), target)
    assert f"{encoding.format} holds no CMYK: converted to sRGB" in encoding.warnings
    _, frame = read(data)
    np.testing.assert_allclose(frame.colour[4, 4], [0, 1, 1], atol=0.03)


@pytest.mark.parametrize("target", ["bmp", "gif", "ppm"])
def test_a_wide_profile_is_converted_where_a_format_holds_none(target):
    green = np.full((8, 8, 3), (60, 200, 60), np.uint8)
    data, encoding = convert(
        corpus.pillow_file(green, "PNG", icc_profile=corpus.wide_gamut_profile()), target
    )
    assert f"{encoding.format} holds no colour profile: converted to sRGB" in encoding.warnings
    _, frame = read(data)
    red, level, blue = bytes_of(frame.colour)[4, 4]
    assert level > 200
    assert max(red, blue) < 60


@pytest.mark.parametrize("target", ["bmp", "gif", "ppm"])
def test_an_srgb_profile_is_no_loss(target):
    array = np.full((8, 8, 3), (60, 200, 60), np.uint8)
    data, encoding = convert(corpus.pillow_file(array, "PNG", icc_profile=corpus.srgb_profile()), target)
    assert not any("profile" in warning for warning in encoding.warnings)
    np.testing.assert_array_equal(bytes_of(read(data)[1].colour), array)


def test_a_grey_profile_stays_with_grey():
    data = corpus.pillow_file(corpus.pixels(1), "PNG", icc_profile=corpus.grey_profile())
    written, _ = convert(data, None)
    assert read(written)[0].metadata.icc == corpus.grey_profile()


def test_transparency_is_flattened_on_white():
    array = np.zeros((4, 4, 4), np.uint8)
    array[:, :2, 3] = 255
    data, encoding = convert(corpus.pillow_file(array, "PNG"), "bmp")
    assert encoding.warnings[0] == "BMP holds no transparency: flattened on white"
    np.testing.assert_array_equal(read(data)[1].colour[0, :, 0], [0, 0, 1, 1])


def test_16_bits_are_narrowed_with_a_warning_by_rounding():
    array = np.array([[[0], [128], [129], [386], [65535]]], np.uint16)
    data, encoding = convert(corpus.vips_file(array, ".png", "grey16"), "bmp")
    assert "BMP holds 8 bits per sample: narrowed from 16" in encoding.warnings
    assert bytes_of(read(data)[1].colour).ravel().tolist() == [0, 0, 1, 2, 255]


def test_premultiplied_16_bit_tiff_becomes_straight():
    array = np.full((5, 6, 4), 20_000, np.uint16)
    array[:, :, 3] = 40_000
    data = bytearray(corpus.vips_file(array, ".tif", "rgb16"))
    with Image.open(BytesIO(data)) as image:
        assert image.tag_v2[338] == (2,)
    position = data.index(bytes((0x52, 1, 3, 0, 1, 0, 0, 0)))
    data[position + 8] = 1
    _, frame = read(bytes(data))
    np.testing.assert_allclose(frame.colour, 0.5, atol=1e-4)


def test_lab_is_converted_with_a_note():
    array = np.zeros((4, 4, 3), np.uint8)
    array[:, :, 0] = 128
    info, frame = read(corpus.pillow_file(array, "TIFF", "LAB"))
    assert info.notes == ("its Lab colours were converted to sRGB",)
    assert np.ptp(frame.colour) < 0.02


@pytest.mark.parametrize("mode", ["F", "I"])
def test_32_bits_are_refused_in_words(mode):
    buffer = BytesIO()
    Image.new(mode, (4, 4)).save(buffer, "TIFF")
    with pytest.raises(InputError, match=r"samples of 32 bits, .* are not supported"):
        read(buffer.getvalue())


def test_further_pages_are_not_lost_in_silence():
    pages = [Image.fromarray(corpus.pixels(3, seed=seed)) for seed in (1, 2, 3)]
    buffer = BytesIO()
    pages[0].save(buffer, "TIFF", save_all=True, append_images=pages[1:])
    info, frame = read(buffer.getvalue())
    assert (info.frames, info.notes) == (1, ("it has 3 pages: only the first is used; --page takes others",))
    np.testing.assert_array_equal(bytes_of(frame.colour), corpus.pixels(3, seed=1))


def test_further_views_of_a_jpeg_are_not_lost_in_silence():
    views = [Image.fromarray(corpus.pixels(3, seed=seed)) for seed in (1, 2)]
    buffer = BytesIO()
    views[0].save(buffer, "MPO", save_all=True, append_images=views[1:])
    info, _ = read(buffer.getvalue())
    assert info.format == "JPEG"
    assert info.frames == 1
    assert "only the first is used" in info.notes[0]


def test_a_netpbm_of_12_bits_uses_its_own_highest_value():
    array = np.array([[[0], [2048], [4095]]], np.uint16)
    info, frame = read(corpus.netpbm_file(array, 4095))
    assert info.depth == 16
    np.testing.assert_allclose(frame.colour.ravel(), [0, 2048 / 4095, 1], atol=1e-6)
