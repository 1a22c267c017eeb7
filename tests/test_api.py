"""The public Python API, as the README shows it."""

from __future__ import annotations

import math
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


@pytest.mark.parametrize(
    "array",
    [
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
