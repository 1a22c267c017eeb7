"""Noise without a reference, and compression from tables."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from srcli.imaging.readers.jpeg_quality import estimate_quality
from srcli.metrics.noise import noise_sigma


def waves(height=203, width=251):
    rows, columns = np.mgrid[:height, :width]
    return (128 + 80 * np.sin(rows / 30 + columns / 40)).astype(np.float32)


@pytest.mark.parametrize("sigma", [2.0, 8.0, 25.0])
def test_the_deviation_of_noise_is_found(sigma):
    noise = np.random.default_rng(0).normal(0, sigma, (203, 251)).astype(np.float32)
    assert noise_sigma(waves() + noise) == pytest.approx(sigma, rel=0.1)


def test_a_smooth_picture_has_none():
    assert noise_sigma(waves()) < 0.1


def test_texture_beside_flat_parts_is_no_noise():
    picture = waves()
    picture[:, 125:] += np.random.default_rng(0).normal(0, 40, (203, 126)).astype(np.float32)
    assert noise_sigma(picture) < 0.1


@pytest.mark.parametrize("size", [(33, 100), (100, 33), (1, 1)])
def test_too_small_a_picture_tells_nothing(size):
    assert noise_sigma(np.random.default_rng(0).random(size).astype(np.float32)) == 0.0


@pytest.mark.parametrize("quality", [25, 30, 50, 75, 90, 100])
def test_the_quality_of_a_jpeg_stands_in_its_tables(quality):
    buffer = io.BytesIO()
    Image.fromarray(waves().astype(np.uint8)).convert("RGB").save(buffer, "JPEG", quality=quality)
    with Image.open(buffer) as picture:
        assert estimate_quality(picture) == pytest.approx(quality, abs=1)


def test_other_files_have_no_quality():
    assert estimate_quality(Image.new("RGB", (3, 3))) is None
