"""Errors per pixel: PSNR, MSE, RMSE and MAE."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from skimage.metrics import mean_squared_error, peak_signal_noise_ratio

from srcli.core.errors import InputError, UsageError
from srcli.metrics.mae import mae
from srcli.metrics.mse import mse
from srcli.metrics.psnr import psnr
from srcli.metrics.rmse import rmse


@pytest.fixture
def pair():
    rng = np.random.default_rng(7)
    reference = rng.random((41, 67, 3), dtype=np.float32)
    return np.clip(reference + 0.05 * rng.standard_normal(reference.shape, dtype=np.float32), 0, 1), reference


def test_psnr_agrees_with_scikit_image(pair):
    result, reference = pair
    expected = peak_signal_noise_ratio(reference.astype(float), result.astype(float), data_range=1)
    assert psnr(result, reference, data_range=1) == pytest.approx(expected, rel=1e-12)


def test_mse_and_rmse_agree_with_scikit_image(pair):
    expected = mean_squared_error(*(planes.astype(float) for planes in pair))
    assert mse(*pair, data_range=1) == pytest.approx(expected, rel=1e-12)
    assert rmse(*pair, data_range=1) == pytest.approx(math.sqrt(expected), rel=1e-12)


def test_mae_agrees_with_a_plain_mean(pair):
    expected = np.mean(np.abs(pair[0].astype(float) - pair[1].astype(float)))
    assert mae(*pair, data_range=1) == pytest.approx(expected, rel=1e-12)


def test_one_level_everywhere_is_48_db():
    black = np.zeros((5, 7, 3), np.float32)
    assert psnr(black + 1, black, data_range=255) == pytest.approx(48.1308, abs=5e-5)


def test_identical_pictures_are_infinite_without_a_warning(pair):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert psnr(pair[0], pair[0], data_range=1) == math.inf


def test_strips_leave_no_trace(pair, monkeypatch):
    whole = psnr(*pair, data_range=1), mae(*pair, data_range=1)
    monkeypatch.setattr("srcli.metrics.pairs._STRIP_VALUES", 1)
    assert (psnr(*pair, data_range=1), mae(*pair, data_range=1)) == pytest.approx(whole, rel=1e-12)


def test_different_sizes_are_refused():
    with pytest.raises(InputError, match="7x5 with 3 channels against 5x7 with 3 channels"):
        psnr(np.zeros((5, 7, 3), np.float32), np.zeros((7, 5, 3), np.float32), data_range=1)


def test_nothing_to_compare_is_refused():
    empty = np.zeros((0, 7, 3), np.float32)
    with pytest.raises(InputError, match="no pixels"):
        mse(empty, empty, data_range=1)


@pytest.mark.parametrize("data_range", [0, -1, math.nan])
def test_range_must_be_positive(pair, data_range):
    with pytest.raises(UsageError, match="data_range must be positive"):
        psnr(*pair, data_range=data_range)
