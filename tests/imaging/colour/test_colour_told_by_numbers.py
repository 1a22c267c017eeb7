"""Colours told by something other than an ICC profile: kept, said in other words, or converted."""

from __future__ import annotations

import struct
from io import BytesIO

import corpus
import numpy as np
import pytest
from PIL import Image, ImageCms

from srcli.imaging.colour.colorimetry import colorimetry_of, light_level_chunks
from srcli.imaging.colour.profiles import is_srgb
from srcli.imaging.containers.isobmff import read_properties
from srcli.imaging.containers.png_chunks import SIGNATURE, build_chunk
from srcli.imaging.decode import open_picture
from srcli.imaging.encode import encode_picture, plan_encoding

LINEAR = [(b"gAMA", struct.pack(">I", 100000))]
P3 = [(b"cICP", bytes([12, 13, 0, 1]))]
ADOBE = [
    (b"gAMA", struct.pack(">I", 45455)),
    (b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000)),
]
PQ = [(b"cICP", bytes([9, 16, 0, 1]))]
SRGB = [(b"sRGB", b"\0"), (b"gAMA", struct.pack(">I", 45455))]
SPACES = {"linear": LINEAR, "p3": P3, "adobe": ADOBE}
GREY_ONLY = {"linear": LINEAR}


def png(chunks, channels=3, seed=7):
    data = corpus.pillow_file(corpus.smooth_pixels(channels, seed=seed), "PNG")
    added = b"".join(build_chunk(*chunk) for chunk in chunks)
    return data[:33] + added + data[33:]


def chunks_of(data):
    position = len(SIGNATURE)
    while position < len(data):
        length, name = struct.unpack_from(">I4s", data, position)
        yield name, data[position + 8 : position + 8 + length]
        position += length + 12


def avif(primaries, transfer):
    data = corpus.pillow_file(corpus.smooth_pixels(3), "AVIF", quality=95, subsampling="4:4:4")
    start = data.index(b"colrnclx") + 8
    return data[:start] + struct.pack(">HH", primaries, transfer) + data[start + 4 :]


def convert(data, target, **options):
    with open_picture(data) as picture:
        chosen = {"format": target, "quality": None, "strip": False} | options
        encoding = plan_encoding(picture.info, picture.info.size, **chosen)
        buffer = BytesIO()
        encode_picture(buffer, picture.frames(), encoding)
    return buffer.getvalue(), encoding


def shown(data):
    """The colours of a file on a display of sRGB, by its profile alone, (height, width, 3)."""
    with Image.open(BytesIO(data)) as image:
        mode = "L" if image.mode == "L" else "RGB"
        image = image.convert(mode)
        icc = image.info.get("icc_profile")
        if icc:
            intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
            srgb = ImageCms.createProfile("sRGB")
            image = ImageCms.profileToProfile(
                image, BytesIO(icc), srgb, renderingIntent=intent, outputMode="RGB"
            )
        return np.asarray(image.convert("RGB")).astype(float)


def truth(chunks, channels=3):
    """What a viewer that knows the chunks shows: formulas of the standards, written out."""
    values = corpus.smooth_pixels(channels) / 255
    if chunks is P3:
        light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
        # Display P3 to sRGB (CSS Color 4, sample code).
        change = np.array(
            [[1.2249401, -0.2249402, 0], [-0.0420569, 1.0420571, 0], [-0.0196376, -0.0786360, 1.0982735]]
        )
        light = light @ change.T
    elif chunks is ADOBE:
        light = values**2.2
        # Adobe RGB (1998) to sRGB: both have the white D65 and one red and one blue.
        change = np.array([[1.3983557, -0.3983557, 0], [0, 1, 0], [0, -0.0429290, 1.0429290]])
        light = light @ change.T
    else:
        light = values
    light = light.clip(0, 1)
    encoded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.broadcast_to(encoded * 255, (*encoded.shape[:2], 3))


@pytest.mark.parametrize("target", ["jpg", "webp", "tif", "avif", "bmp", "ppm"])
@pytest.mark.parametrize("name", SPACES)
def test_png_chunks_reach_every_format(name, target):
    written, encoding = convert(png(SPACES[name]), target, quality=100 if target in ("jpg", "avif") else None)
    converted = f"{encoding.format} holds no colour profile: converted to sRGB"
    assert encoding.warnings == ((converted,) if target in ("bmp", "ppm") else ())
    if target == "avif" and name == "p3":
        assert read_properties(written).colour_numbers == (12, 13)
        return
    difference = np.abs(shown(written) - truth(SPACES[name]))
    # Lossy formats round before the eye's curve makes dark levels of linear light wide.
    assert difference.mean() < (3 if name == "linear" and target in ("jpg", "avif") else 1.2)


@pytest.mark.parametrize("target", ["jpg", "webp", "tif", "bmp", "pgm", "avif"])
def test_a_grey_gamma_reaches_every_format(target):
    written, _ = convert(png(LINEAR, channels=1), target, quality=100 if target == "jpg" else None)
    with Image.open(BytesIO(written)) as image:
        assert image.mode == ("RGB" if target == "webp" else "L")
    difference = np.abs(shown(written) - truth(LINEAR, 1))
    assert difference.mean() < 3


@pytest.mark.parametrize("name", SPACES)
def test_png_keeps_its_chunks(name):
    written, encoding = convert(png(SPACES[name]), "png")
    assert set(SPACES[name]) <= set(chunks_of(written))
    assert encoding.warnings == ()


@pytest.mark.parametrize(
    "chunks", [SRGB, [(b"gAMA", struct.pack(">I", 45455))], [(b"cICP", bytes([1, 13, 0, 1]))]]
)
def test_srgb_needs_no_words(chunks):
    assert colorimetry_of(chunks) is None
    written, encoding = convert(png(chunks), "tif")
    assert encoding.metadata.icc is None
    np.testing.assert_array_equal(shown(written), corpus.smooth_pixels(3))


def test_high_dynamic_range_is_converted_with_a_warning():
    written, encoding = convert(png(PQ), "jpg", quality=100)
    assert encoding.warnings == (
        "JPEG holds no high dynamic range (PQ): converted to sRGB, brighter is clipped",
    )
    # 58 % of PQ is 203 candelas per square metre, the white of BT.2408.
    grey = np.full((8, 8, 3), round(0.5807 * 255), np.uint8)
    space = colorimetry_of(PQ)
    np.testing.assert_allclose(space.to_srgb((grey / 255).astype(np.float32)), 1, atol=0.01)
    assert shown(written).shape == (corpus.HEIGHT, corpus.WIDTH, 3)


@pytest.mark.parametrize(("primaries", "transfer"), [(12, 13), (9, 16), (9, 18), (1, 8)])
def test_the_numbers_of_avif_are_kept_in_avif_and_png(primaries, transfer):
    data = avif(primaries, transfer)
    written, encoding = convert(data, None)
    assert read_properties(written).colour_numbers == (primaries, transfer)
    assert encoding.warnings == ()
    written, _ = convert(data, "png")
    assert dict(chunks_of(written))[b"cICP"] == bytes([primaries, transfer, 0, 1])


def test_the_numbers_of_avif_become_a_profile_elsewhere():
    data = avif(12, 13)
    written, encoding = convert(data, "tif")
    assert encoding.warnings == ()
    with Image.open(BytesIO(data)) as image:
        values = np.asarray(image) / np.float32(255)
    np.testing.assert_allclose(shown(written), colorimetry_of(P3).to_srgb(values) * 255, atol=2)


def profile():
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def test_a_name_does_not_make_a_profile_srgb():
    icc = profile()
    assert is_srgb(icc)
    linear = colorimetry_of(LINEAR).to_profile(grey=False)
    # As some programs call it.
    named = linear.replace("colours as".encode("utf-16-be"), "sRGB linea".encode("utf-16-be"))
    assert not is_srgb(named)
    data = corpus.pillow_file(corpus.smooth_pixels(3), "PNG", icc_profile=named)
    written, encoding = convert(data, "bmp")
    assert encoding.warnings == ("BMP holds no colour profile: converted to sRGB",)
    assert np.abs(shown(written) - truth(LINEAR)).mean() < 2


def test_a_profile_that_means_srgb_needs_not_say_so():
    icc = profile().replace("sRGB".encode("utf-16-be"), "Mine".encode("utf-16-be"))
    assert is_srgb(icc)
    written, encoding = convert(corpus.pillow_file(corpus.smooth_pixels(3), "PNG", icc_profile=icc), "bmp")
    assert encoding.warnings == ()
    np.testing.assert_array_equal(shown(written), corpus.smooth_pixels(3))


@pytest.mark.parametrize(("target", "words"), [("pgm", "PPM holds no"), ("webp", "WEBP holds no")])
def test_a_grey_profile_is_converted_where_it_can_not_be_kept(target, words):
    icc = colorimetry_of(LINEAR).to_profile(grey=True)
    data = corpus.pillow_file(corpus.smooth_pixels(1), "PNG", icc_profile=icc)
    written, encoding = convert(data, target)
    assert len(encoding.warnings) == 1
    assert encoding.warnings[0].startswith(words)
    assert encoding.warnings[0].endswith("converted to sRGB")
    assert np.abs(shown(written) - truth(LINEAR, 1)).mean() < 3


@pytest.mark.parametrize("broken", [b"\0\0\0\0", b"\0"])
def test_an_impossible_gamma_says_nothing(broken):
    assert colorimetry_of([(b"gAMA", broken), (b"cHRM", bytes(32))]) is None


def adobe_by_exif(space=0xFFFF, index=b"R03\0", orientation=1):
    """An EXIF block as cameras write it that were set to Adobe RGB."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif.get_ifd(0x8769)[0xA001] = space
    if index:
        exif.get_ifd(0x8769)[0xA005] = {1: index.decode().rstrip("\0"), 2: b"0100"}
    return exif.tobytes()


@pytest.mark.parametrize(
    ("source", "stated"),
    [("PNG", (0xFFFF, b"R03\0")), ("PNG", (2, b"")), ("WEBP", (0xFFFF, b"R03\0")), ("TIFF", (2, b""))],
)
@pytest.mark.parametrize("target", ["jpg", "webp", "tif", "avif", "bmp", "ppm"])
def test_adobe_rgb_by_exif_alone_reaches_every_format(source, stated, target):
    options = {"lossless": True} if source == "WEBP" else {}
    data = corpus.pillow_file(corpus.smooth_pixels(3), source, exif=adobe_by_exif(*stated), **options)
    result, encoding = convert(data, target, quality=100 if target in ("jpg", "avif") else None)
    assert np.abs(shown(result) - truth(ADOBE)).mean() < 1.2
    assert encoding.metadata.icc or target in ("bmp", "ppm")


def test_adobe_rgb_by_exif_alone_becomes_chunks_in_png_and_is_told():
    data = corpus.pillow_file(corpus.smooth_pixels(3), "JPEG", exif=adobe_by_exif())
    assert {b"gAMA", b"cHRM"} <= {name for name, _ in chunks_of(convert(data, "png")[0])}
    with open_picture(data) as picture:
        assert "Adobe RGB" in picture.info.notes[0]


@pytest.mark.parametrize("stated", [(1, b"R03\0"), (1, b"R98\0"), (0xFFFF, b"R98\0"), (0xFFFF, b"")])
def test_other_words_of_exif_about_colour_change_nothing(stated):
    with open_picture(corpus.pillow_file(corpus.pixels(3), "JPEG", exif=adobe_by_exif(*stated))) as picture:
        assert picture.info.metadata.colour_chunks == ()
        assert picture.info.notes == ()


def test_a_profile_comes_before_what_exif_says():
    profile = corpus.wide_gamut_profile()
    data = corpus.pillow_file(corpus.pixels(3), "JPEG", exif=adobe_by_exif(), icc_profile=profile)
    assert convert(data, "jpg")[1].metadata.icc == profile


LIGHTS = [(b"cLLI", struct.pack(">II", 10_000_000, 2_000_000)), (b"mDCV", bytes(range(24)))]


@pytest.mark.parametrize("target", ["avif", "jpg", "tif", "webp"])
@pytest.mark.parametrize("space", [P3, PQ], ids=["p3", "pq"])
def test_light_levels_are_kept_in_png_and_never_dropped_in_silence(space, target):
    data = png([*space, *LIGHTS])
    assert set(LIGHTS) <= set(chunks_of(convert(data, "png")[0]))
    warnings = " ".join(convert(data, target)[1].warnings)
    assert "light levels of high dynamic range (cLLI, mDCV)" in warnings or "brighter is clipped" in warnings


def test_light_levels_of_avif_are_those_of_png():
    # BT.2020 and white, in fiftieths of a thousandth; then 1000 and 0.005 candelas per square metre.
    box = struct.pack(">8H2I", 8500, 39850, 6550, 2300, 35400, 14600, 15635, 16450, 10_000_000, 50)
    display, content = light_level_chunks(struct.pack(">HH", 1000, 400), box)
    assert content == (b"cLLI", struct.pack(">II", 10_000_000, 4_000_000))
    expected = struct.pack(">8H2I", 35400, 14600, 8500, 39850, 6550, 2300, 15635, 16450, 10_000_000, 50)
    assert display == (b"mDCV", expected)


def without_container_colour(primaries, transfer):
    """An AVIF file whose colours stand in the header of its bitstream alone."""
    data = avif(1, 13).replace(b"colrnclx", b"freenclx")
    start = read_properties(data).start
    bits = int.from_bytes(start, "big")
    total = 8 * len(start)
    stated, wanted = (1 << 8) + 13, (primaries << 8) + transfer
    # Whole numbers of eight bits that begin at any bit: the first place where they say BT.709 and sRGB.
    shift = next(shift for shift in range(total - 16, 0, -1) if bits >> shift & 0xFFFF == stated)
    patched = (bits ^ (stated ^ wanted) << shift).to_bytes(len(start), "big")
    return data.replace(start, patched)


@pytest.mark.parametrize(("primaries", "transfer"), [(12, 13), (9, 16), (9, 18)])
def test_colours_that_stand_in_the_bitstream_alone(primaries, transfer):
    with open_picture(without_container_colour(primaries, transfer)) as picture:
        assert picture.info.metadata.colour_chunks == ((b"cICP", bytes([primaries, transfer, 0, 1])),)


def test_the_container_comes_before_the_bitstream():
    with open_picture(avif(12, 13)) as picture:
        assert picture.info.metadata.colour_chunks == tuple(P3)
