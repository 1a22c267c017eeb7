"""Every format, mode and depth: what is read is what was stored, and what is written is what was given."""

from __future__ import annotations

from io import BytesIO

import corpus
import numpy as np
import pytest
import pyvips
from PIL import Image

from srcli.core.geometry import Size
from srcli.imaging.decode import open_picture
from srcli.imaging.encode import encode_picture, plan_encoding

SAMPLES = corpus.all_samples()
LOSSY_TOLERANCE = 24 / 255


def stored(frame, mode):
    """The integers of a frame in the order of the corpus: colours (CMYK as ink), then alpha."""
    colour = 1 - frame.colour if mode == "cmyk" else frame.colour
    return colour if frame.alpha is None else np.concatenate((colour, frame.alpha[:, :, None]), axis=2)


def read(data):
    with open_picture(data) as picture:
        return picture.info, list(picture.frames())


def write(info, frames, **options):
    chosen = {"format": None, "quality": None, "strip": False} | options
    encoding = plan_encoding(info, info.size, **chosen)
    buffer = BytesIO()
    encode_picture(buffer, frames, encoding)
    return buffer.getvalue(), encoding


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_reading_gives_the_stored_values(sample):
    info, (frame,) = read(sample.data)
    assert (info.format, info.mode, info.depth, info.has_alpha) == (
        sample.format,
        sample.mode,
        sample.depth,
        sample.has_alpha,
    )
    assert info.size == Size(corpus.HEIGHT, corpus.WIDTH)
    assert frame.colour.dtype == np.float32
    expected = sample.pixels / np.float32(np.iinfo(sample.pixels.dtype).max)
    tolerance = 1e-6 if sample.exact else LOSSY_TOLERANCE
    np.testing.assert_allclose(stored(frame, sample.mode), expected, atol=tolerance)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_writing_back_in_the_same_format_keeps_mode_depth_and_values(sample):
    info, frames = read(sample.data)
    data, encoding = write(info, frames)
    again, (frame,) = read(data)
    assert (again.format, again.mode, again.depth, again.has_alpha, again.size) == (
        info.format,
        info.mode,
        info.depth,
        info.has_alpha,
        info.size,
    )
    exact = encoding.lossless and info.format != "GIF"
    np.testing.assert_allclose(
        stored(frame, info.mode), stored(frames[0], info.mode), atol=0 if exact else LOSSY_TOLERANCE
    )
    assert not encoding.warnings


@pytest.mark.parametrize("target", ["png", "jpg", "webp", "tiff", "bmp", "avif", "gif", "ppm"])
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_every_kind_can_be_written_as_every_format(sample, target):
    info, frames = read(sample.data)
    data, encoding = write(info, frames, format=target)
    again, (frame,) = read(data)
    assert again.format == encoding.format
    assert again.size == info.size
    assert again.depth == encoding.depth
    if info.mode == "grey":
        assert np.ptp(frame.colour, axis=2).max() <= (0 if encoding.lossless else 6 / 255)


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.exact], ids=lambda sample: sample.name)
def test_libvips_reads_what_srcli_writes(sample):
    if sample.format in ("PPM", "BMP", "GIF"):
        pytest.skip(f"the wheel of libvips reads no {sample.format}")
    info, frames = read(sample.data)
    data, _ = write(info, frames)
    image = pyvips.Image.new_from_buffer(data, "", fail_on="warning")
    pixels = image.numpy().reshape(image.height, image.width, -1)
    np.testing.assert_array_equal(pixels, sample.pixels)


@pytest.mark.parametrize("sample", corpus.eight_bit_samples(), ids=lambda sample: sample.name)
def test_pillow_reads_what_srcli_writes(sample):
    info, frames = read(sample.data)
    data, _ = write(info, frames)
    with Image.open(BytesIO(data)) as image:
        assert image.format == sample.format
        assert image.size == (corpus.WIDTH, corpus.HEIGHT)
        if sample.exact:
            values = np.asarray(image).reshape(*sample.pixels.shape)
            np.testing.assert_array_equal(values, sample.pixels)


def test_rounding_is_half_to_even_and_clips():
    from srcli.imaging.pixels.samples import to_samples

    values = np.array([[[0.5, 1.5, 2.5, 300, -4]]], np.float32) / 255
    assert to_samples(values, 8).tolist() == [[[0, 2, 2, 255, 0]]]


def test_quality_95_keeps_full_colour_resolution():
    red_blue = np.zeros((16, 16, 3), np.uint8)
    red_blue[:, ::2], red_blue[:, 1::2] = (255, 0, 0), (0, 0, 255)
    info, frames = read(corpus.pillow_file(red_blue, "PNG"))
    for target in ("jpg", "avif"):
        data, encoding = write(info, frames, format=target)
        assert encoding.quality == 95
        with Image.open(BytesIO(data)) as image:
            assert np.abs(np.asarray(image).astype(int) - red_blue).max() < 40, target


def test_webp_is_lossless_for_lossless_input_only():
    cases = {"png-rgb": True, "webp-rgb-lossless": True, "webp-rgb": False, "jpeg-rgb": False}
    for sample in SAMPLES:
        if sample.name in cases:
            info, _ = read(sample.data)
            assert (
                plan_encoding(info, info.size, format="webp", quality=None, strip=False).lossless
                is cases[sample.name]
            )


def test_a_quality_makes_webp_lossy():
    info, _ = read(corpus.pillow_file(corpus.pixels(3), "PNG"))
    encoding = plan_encoding(info, info.size, format="webp", quality=80, strip=False)
    assert (encoding.lossless, encoding.quality) == (False, 80)
