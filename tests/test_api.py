"""The public Python API, as the README shows it."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import srcli
from srcli.core.errors import InputError, UsageError
from tests import tiny_models

SAMPLE = Path(__file__).parent / "data" / "sample.png"


@pytest.fixture
def generator(tmp_path):
    return srcli.load_generator(str(tiny_models.deep(tmp_path / "tiny.onnx", 3)), device="cpu")


def sample():
    with Image.open(SAMPLE) as picture:
        return np.asarray(picture)[:40, :50]


def test_shipped_generator_takes_a_file():
    larger = srcli.load_generator("fast", scale=2, device="cpu").upscale(SAMPLE)
    assert (larger.shape, larger.dtype) == ((264, 352, 3), np.uint8)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
@pytest.mark.parametrize("channels", [None, 1, 3, 4])
def test_an_array_comes_back_in_its_own_kind(generator, dtype, channels):
    shape = (20, 31) if channels is None else (20, 31, channels)
    peak = np.iinfo(dtype).max if np.issubdtype(dtype, np.integer) else 1
    picture = (np.random.default_rng(0).random(shape) * peak).astype(dtype)
    larger = generator.upscale(picture)
    assert (larger.shape, larger.dtype) == ((60, 93, *shape[2:]), np.dtype(dtype))
    assert larger.max() <= peak


def test_a_file_and_its_array_give_the_same(generator, tmp_path):
    Image.fromarray(sample()).save(tmp_path / "crop.png")
    np.testing.assert_array_equal(generator.upscale(tmp_path / "crop.png"), generator.upscale(sample()))


@pytest.mark.parametrize("kind", ["u2", "f4", "f8"])
def test_the_order_of_bytes_does_not_matter(generator, kind):
    picture = sample().astype(f"<{kind}") * (257 if kind == "u2" else 1 / 255)
    little, big = (generator.upscale(picture.astype(f"{order}{kind}")) for order in "<>")
    assert (little.dtype, big.dtype) == (np.dtype(f"<{kind}"), np.dtype(f">{kind}"))
    np.testing.assert_array_equal(little, big)
    assert srcli.psnr(big, little, data_range=1) == math.inf


def test_views_of_any_strides_are_taken(generator):
    picture = sample()
    np.testing.assert_array_equal(
        generator.upscale(picture[::-1, ::-2]), generator.upscale(picture[::-1, ::-2].copy())
    )


def test_closing_beside_a_run_lets_it_finish(generator):
    picture = np.tile(sample(), (6, 6, 1))
    expected = generator.upscale(picture)
    with ThreadPoolExecutor(2) as pool:
        for _ in range(5):
            runs = [pool.submit(generator.upscale, picture) for _ in range(2)]
            while not all(run.done() for run in runs):
                generator.close()
            for run in runs:
                np.testing.assert_array_equal(run.result(), expected)


@pytest.mark.parametrize(
    "array",
    [
        np.full((4, 4, 3), np.nan, np.float32),
        np.full((4, 4), np.inf, np.float64),
        np.zeros((4, 4, 5), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((4, 4, 3), np.int32),
        np.zeros(4, np.uint8),
    ],
)
def test_what_is_no_picture_is_refused(generator, array):
    with pytest.raises(InputError, match="is no picture"):
        generator.upscale(array)


def test_scale_that_the_file_has_not(tmp_path):
    model = tiny_models.deep(tmp_path / "tiny.onnx", 3)
    with pytest.raises(UsageError, match="enlarges 3 times, not 2 times"):
        srcli.load_generator(str(model), scale=2)


def test_metrics_take_arrays_as_they_come():
    grey = sample()[:, :, 0]
    assert srcli.psnr(grey, grey, data_range=255) == math.inf
    assert srcli.ssim(grey, grey, data_range=255) == pytest.approx(1.0)
    assert srcli.psnr(grey, grey // 2 + 64, data_range=255) < 40
    with pytest.raises(InputError, match="is no picture"):
        srcli.psnr(grey[0], grey[0], data_range=255)
