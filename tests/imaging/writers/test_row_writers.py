"""Pictures written row by row: any number of rows at a time, any number of segments, one file."""

from __future__ import annotations

import threading
from io import BytesIO

import corpus
import numpy as np
import pytest
import pyvips
from PIL import Image

from srcli.core.geometry import Size
from srcli.imaging.decode import open_picture
from srcli.imaging.encode import open_rows, plan_encoding
from srcli.imaging.writers import png_writer, tiff_writer
from srcli.imaging.writers.png_filter import PAETH, SUB, filter_rows

SIZE = Size(211, 97)


def paeth(left, above, corner):
    """The predictor as the PNG specification states it, in whole numbers."""
    estimate = left + above - corner
    return min((left, above, corner), key=lambda value: abs(estimate - value))


def test_the_filter_is_the_one_of_the_specification():
    levels = (0, 1, 2, 100, 127, 128, 129, 254, 255)
    for corner in levels:
        rows = np.array([[corner, above] for above in levels], np.uint8)
        for left in levels:
            for above, (_, up) in zip(levels, rows, strict=True):
                filtered = filter_rows(np.array([[left, 7]], np.uint8), np.array([corner, up], np.uint8), 1)
                assert filtered[0].tolist() == [
                    PAETH,
                    (left - corner) % 256,
                    (7 - paeth(left, above, corner)) % 256,
                ]


def test_blocks_of_the_filter_join_without_a_seam(monkeypatch):
    rows = np.random.default_rng(1).integers(0, 256, (60, 51), np.uint8)
    whole = filter_rows(rows, None, 3)
    monkeypatch.setattr("srcli.imaging.writers.png_filter._BLOCK_BYTES", 200)
    np.testing.assert_array_equal(filter_rows(rows, None, 3), whole)
    assert whole[:, 0].tolist() == [SUB] + [PAETH] * 59


def write(pixels, file_format, *, step, keep=None):
    """A file of the pixels, given ``step`` rows at a time, with the metadata of ``keep``."""
    source = keep or corpus.vips_file(pixels, ".png", "rgb16" if pixels.dtype == np.uint16 else "srgb")
    with open_picture(source) as picture:
        encoding = plan_encoding(
            picture.info, Size(*pixels.shape[:2]), format=file_format, quality=None, strip=False
        )
    buffer = BytesIO()
    with open_rows(buffer, Size(*pixels.shape[:2]), encoding) as file:
        for top in range(0, len(pixels), step):
            file.write(pixels[top : top + step])
    return buffer.getvalue()


def test_what_repeats_itself_at_a_distance_becomes_small():
    patch = np.random.default_rng(4).integers(0, 256, (64, 40, 3), np.uint8)
    pixels = np.tile(patch, (3, 20, 1))
    data = write(pixels, "png", step=64)
    np.testing.assert_array_equal(pyvips.Image.new_from_buffer(data, "").numpy(), pixels)
    # One patch in twenty is new to a row; noise itself can't be deflated.
    assert len(data) < 0.15 * pixels.nbytes


@pytest.mark.parametrize("file_format", ["png", "tiff", "ppm"])
@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("step", [1, 7, 1000])
def test_rows_in_any_portions_give_the_picture(file_format, depth, step, monkeypatch):
    monkeypatch.setattr(png_writer, "_SEGMENT_BYTES", 5000)
    monkeypatch.setattr(tiff_writer, "_STRIP_BYTES", 3000)
    pixels = corpus.pixels(3, depth, *SIZE)
    data = write(pixels, file_format, step=step)
    with open_picture(data) as picture:
        (frame,) = picture.frames()
        assert picture.info.depth == depth
    np.testing.assert_array_equal(np.rint(frame.colour * (2**depth - 1)), pixels)
    if file_format != "ppm":
        # libvips checks the sums that a PNG file ends with.
        strict = pyvips.Image.new_from_buffer(data, "", fail_on="warning").numpy()
        np.testing.assert_array_equal(strict, pixels)


@pytest.mark.parametrize("depth", [8, 16])
def test_a_tiff_beyond_4_gib_is_a_bigtiff(depth, monkeypatch):
    monkeypatch.setattr(tiff_writer, "_CLASSIC_BYTES", 1000)
    kept = corpus.pillow_file(
        corpus.pixels(3),
        "TIFF",
        exif=b"Exif\0\0" + corpus.exif_block(),
        icc_profile=corpus.srgb_profile(),
        dpi=(72, 72),
    )
    pixels = corpus.pixels(3, depth, *SIZE)
    data = write(pixels, "tiff", step=50, keep=kept if depth == 8 else None)
    assert data[:4] == b"II+\0"
    np.testing.assert_array_equal(pyvips.Image.new_from_buffer(data, "", fail_on="warning").numpy(), pixels)
    with open_picture(data) as picture:
        (frame,) = picture.frames()
        found = picture.info.metadata
    np.testing.assert_array_equal(np.rint(frame.colour * (2**depth - 1)), pixels)
    if depth == 8:
        with Image.open(BytesIO(data)) as image:
            np.testing.assert_array_equal(np.asarray(image), pixels)
        with open_picture(kept) as picture:
            expected = picture.info.metadata
        assert (found.icc, found.dpi) == (expected.icc, expected.dpi)
        assert found.exif
        with Image.open(BytesIO(kept)) as before, Image.open(BytesIO(data)) as after:
            assert after.getexif().get_ifd(0x8769).keys() == before.getexif().get_ifd(0x8769).keys()


def test_no_thread_outlives_a_writer(monkeypatch):
    monkeypatch.setattr(png_writer, "_SEGMENT_BYTES", 1000)
    pixels = corpus.pixels(3, 8, *SIZE)
    write(pixels, "png", step=100)
    with open_picture(corpus.pillow_file(pixels, "PNG")) as picture:
        encoding = plan_encoding(picture.info, SIZE, format=None, quality=None, strip=False)

    def interrupted():
        with open_rows(BytesIO(), SIZE, encoding) as file:
            file.write(pixels)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("deflate")]
