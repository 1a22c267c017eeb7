"""The degradations: against MATLAB, scipy and the laws of chance."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import correlate
from scipy.special import j1

from srcli.core.errors import InputError, UsageError
from srcli.core.geometry import Size
from srcli.imaging.degradation.degradation import Degradation, crop_to_multiple, degrade
from srcli.imaging.degradation.filters import _bessel_j1, blur, gaussian, low_pass
from srcli.imaging.degradation.jpeg import compress_as_jpeg
from srcli.imaging.degradation.noise import add_gaussian, add_shot
from srcli.imaging.degradation.real import FIRST, degrade_real, random_kernel

VECTORS = json.loads((Path(__file__).parents[1] / "imaging" / "pixels" / "imresize_vectors.json").read_text())
WHOLE = [vector for vector in VECTORS if len(vector["picture"]) % vector["size"][0] == 0]


def _rng(seed=1):
    return np.random.default_rng(seed)


def _picture(height=24, width=36, channels=3):
    rows, columns = np.mgrid[0:height, 0:width]
    waves = 0.5 + 0.4 * np.sin(rows / 3)[:, :, None] * np.cos(columns[:, :, None] / (4 + np.arange(channels)))
    return (np.rint(waves * 255) / 255).astype(np.float32)


@pytest.mark.parametrize(
    "vector", [v for v in WHOLE if len(v["picture"][0]) // v["size"][1] == len(v["picture"]) // v["size"][0]]
)
def test_bicubic_is_bit_equal_to_matlab(vector):
    levels = np.array(vector["picture"], np.float32)[:, :, None]
    scale = levels.shape[0] // vector["size"][0]
    low = degrade(levels / np.float32(255), Degradation(scale), _rng())
    np.testing.assert_array_equal(np.rint(low * 255)[:, :, 0], vector["expected"])


def test_sixteen_bit_keeps_its_levels():
    fine = (np.arange(64 * 64).reshape(64, 64, 1) * 16 / 65535).astype(np.float32)
    low = degrade(fine, Degradation(2), _rng(), depth=16)
    levels = low * np.float32(65535)
    np.testing.assert_allclose(levels, np.rint(levels), atol=0.01)
    assert np.unique(np.rint(levels) % 256).size > 8


def test_blur_and_decimation_take_the_middle_pixels():
    picture = _picture(21, 33, 1)
    low = degrade(picture, Degradation(3, blur_sigma=1.6), _rng())
    line = np.exp(-((np.arange(7) - 3) ** 2) / (2 * 1.6**2))
    kernel = np.outer(line, line) / line.sum() ** 2
    expected = correlate(picture[:, :, 0].astype(float), kernel, mode="nearest")[1::3, 1::3]
    np.testing.assert_allclose(low[:, :, 0], expected, atol=0.51 / 255)


def test_noise_has_the_strength_asked_for():
    flat = np.full((200, 200, 3), 0.5, np.float32)
    low = degrade(flat, Degradation(2, noise_sigma=8), _rng())
    assert np.std(low * 255) == pytest.approx(8, rel=0.03)
    assert np.corrcoef(low[:, :, 0].ravel(), low[:, :, 1].ravel())[0, 1] == pytest.approx(0, abs=0.05)


def test_grey_noise_is_shared_by_the_channels():
    flat = np.full((20, 20, 3), 0.5, np.float32)
    for add in (add_gaussian, add_shot):
        noise = add(flat, 2, _rng(), grey=True) - flat
        np.testing.assert_array_equal(noise[:, :, 0], noise[:, :, 2])
        assert noise.std() > 0


def test_shot_noise_grows_with_the_root_of_the_light():
    dark, bright = (
        add_shot(np.full((300, 300, 1), level, np.float32), 1, _rng()).std() for level in (0.1, 0.9)
    )
    assert bright / dark == pytest.approx(3, rel=0.03)
    assert bright == pytest.approx(np.sqrt(0.9 / 256), rel=0.03)


def test_jpeg_leaves_its_blocks():
    picture = _picture(32, 48)
    gentle, harsh = (np.abs(compress_as_jpeg(picture, quality) - picture).mean() for quality in (95, 10))
    assert 0 < gentle < harsh < 0.2
    assert compress_as_jpeg(picture[:, :, :1], 50).shape == (32, 48, 1)


def test_words_name_every_step():
    assert str(Degradation()) == "bicubic /4"
    assert str(Degradation(3, blur_sigma=1.6)) == "Gaussian blur 1.6, decimated /3"
    assert str(Degradation(2, noise_sigma=5, jpeg_quality=40)) == "bicubic /2, noise 5, JPEG 40"
    assert str(Degradation(2, real=True)) == "second-order real /2"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"scale": 0}, "cannot shrink 0 times"),
        ({"method": "cubic"}, "unknown method 'cubic'"),
        ({"blur_sigma": 0}, "a blur of 0 is out of range"),
        ({"noise_sigma": -1}, "a noise of -1 is out of range"),
        ({"jpeg_quality": 101}, "JPEG quality 101"),
        ({"real": True, "noise_sigma": 5}, "brings its own"),
    ],
)
def test_nonsense_is_refused(wrong, message):
    with pytest.raises(UsageError, match=message):
        Degradation(**wrong)


def test_references_are_cropped_from_the_top_left():
    picture = _picture(23, 38)
    np.testing.assert_array_equal(crop_to_multiple(picture, 4), picture[:20, :36])
    with pytest.raises(InputError, match="3x9 is too small to shrink 4 times"):
        crop_to_multiple(np.zeros((9, 3, 1), np.float32), 4)


class TestFilters:
    def test_gaussian_of_the_papers_is_seven_wide(self):
        assert gaussian(1.6).shape == (7, 7)
        assert gaussian(1.6).sum() == pytest.approx(1)

    @pytest.mark.parametrize("side", [3, 7, 21])
    def test_blur_agrees_with_scipy(self, side):
        kernel = _rng().random((side, side))
        picture = _picture(17, 26, 2)
        for channel in range(2):
            expected = correlate(picture[:, :, channel].astype(float), kernel[::-1, ::-1], mode="nearest")
            np.testing.assert_allclose(blur(picture, kernel)[:, :, channel], expected, rtol=1e-5)

    def test_bessel_function_agrees_with_scipy(self):
        x = np.linspace(0, 100, 777)
        np.testing.assert_allclose(_bessel_j1(x), j1(x), atol=1e-14)

    def test_low_pass_passes_low_and_stops_high_frequencies(self):
        response = np.abs(np.fft.fft2(low_pass(21, np.pi / 2), (64, 64)))
        assert response[4, 4] == pytest.approx(1, abs=0.15)
        assert response[30, 0] < 0.1

    @settings(max_examples=40, deadline=None)
    @given(st.integers(0, 10_000))
    def test_random_kernels_keep_the_mean(self, seed):
        kernel = random_kernel(FIRST.sigma, _rng(seed))
        assert kernel.shape[0] in range(7, 22, 2)
        assert kernel.sum() == pytest.approx(1)
        assert np.isfinite(kernel).all()


class TestReal:
    @settings(max_examples=25, deadline=None)
    @given(st.integers(0, 10_000), st.sampled_from([1, 3]))
    def test_any_chance_gives_a_picture(self, seed, channels):
        low = degrade_real(_picture(40, 28, channels), Size(10, 7), _rng(seed))
        assert low.shape == (10, 7, channels)
        assert low.dtype == np.float32
        assert np.isfinite(low).all()
        assert 0 <= low.min() <= low.max() <= 1

    def test_the_same_seed_gives_the_same_picture(self):
        first, again, other = (degrade_real(_picture(), Size(12, 18), _rng(seed)) for seed in (5, 5, 6))
        np.testing.assert_array_equal(first, again)
        assert np.abs(first - other).max() > 0.01

    def test_the_picture_is_still_recognised(self):
        picture = np.repeat(np.linspace(0.1, 0.9, 64, dtype=np.float32)[None, :, None], 48, axis=0)
        means = np.mean([degrade_real(picture, Size(12, 16), _rng(seed)) for seed in range(12)], axis=0)
        assert np.corrcoef(means[:, :, 0].mean(axis=0), np.arange(16))[0, 1] > 0.97
