"""The resize against MATLAB's definition, worked out independently, and against the laws any resize obeys."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from srcli.core.errors import UsageError
from srcli.core.geometry import Size
from srcli.imaging.pixels.resize import METHODS, resize

# Worked out in exact rational arithmetic from the published definition (whole factors down: from its tap
# weights), rounded half up. Whole and fractional factors, up and down, also pictures smaller than the kernel.
VECTORS = json.loads(Path(__file__).with_name("imresize_vectors.json").read_text())


def _levels(rows: list[list[int]]) -> np.ndarray:
    return np.array(rows, np.float32)[:, :, None]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: "to {}x{}".format(*vector["size"]))
def test_bicubic_equals_matlab_bit_for_bit(vector):
    resized = resize(_levels(vector["picture"]), Size(*vector["size"]))
    rounded = np.clip(np.floor(resized + 0.5), 0, 255)
    np.testing.assert_array_equal(rounded, _levels(vector["expected"]))


def test_channels_do_not_mix():
    rng = np.random.default_rng(1)
    planes = rng.random((13, 9, 4), dtype=np.float32)
    together = resize(planes, Size(7, 20))
    for channel in range(4):
        alone = resize(planes[:, :, channel : channel + 1], Size(7, 20))
        np.testing.assert_array_equal(together[:, :, channel : channel + 1], alone)


def test_strips_leave_no_trace(monkeypatch):
    planes = np.random.default_rng(2).random((61, 47, 3), dtype=np.float32)
    whole = {size: resize(planes, size) for size in (Size(23, 31), Size(130, 95))}
    monkeypatch.setattr("srcli.imaging.pixels.resize._STRIP_VALUES", 1)
    for size, expected in whole.items():
        np.testing.assert_array_equal(resize(planes, size), expected)


@settings(deadline=None, max_examples=60)
@given(
    height=st.integers(1, 19),
    width=st.integers(1, 19),
    target=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    method=st.sampled_from(METHODS),
    antialias=st.booleans(),
)
def test_flat_stays_flat_at_any_size(height, width, target, method, antialias):
    flat = np.full((height, width, 3), 0.3, np.float32)
    resized = resize(flat, Size(*target), method=method, antialias=antialias)
    assert resized.shape == (*target, 3)
    assert resized.dtype == np.float32
    np.testing.assert_allclose(resized, 0.3, rtol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_same_size_changes_nothing(method):
    planes = np.random.default_rng(3).random((8, 5, 3), dtype=np.float32)
    resized = resize(planes, Size(8, 5), method=method)
    np.testing.assert_allclose(resized, planes, atol=1e-6)


# Nearest and box are left out: a pixel halfway between two goes to one side.
@pytest.mark.parametrize("method", ["average", "bilinear", "bicubic", "lanczos"])
def test_mirroring_and_resizing_commute(method):
    planes = np.random.default_rng(4).random((12, 10, 1), dtype=np.float32)
    there = resize(planes[::-1, ::-1], Size(24, 30), method=method)
    back = resize(planes, Size(24, 30), method=method)[::-1, ::-1]
    np.testing.assert_allclose(there, back, atol=1e-6)


def test_box_averages_areas():
    planes = np.random.default_rng(5).random((12, 8, 2), dtype=np.float32)
    expected = planes.reshape(4, 3, 2, 4, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(resize(planes, Size(4, 2), method="box"), expected, atol=1e-6)


def test_nearest_repeats_pixels():
    planes = np.arange(6, dtype=np.float32).reshape(2, 3, 1)
    expected = planes.repeat(3, axis=0).repeat(3, axis=1)
    np.testing.assert_array_equal(resize(planes, Size(6, 9), method="nearest"), expected)


def test_average_takes_the_mean_of_neighbours():
    line = np.array([0, 2, 4, 10], np.float32).reshape(1, 4, 1)
    resized = resize(line, Size(1, 8), method="average")
    np.testing.assert_allclose(resized.ravel(), [0, 1, 1, 3, 3, 7, 7, 10])


def test_bilinear_meets_a_hand_count():
    line = np.array([0, 4, 8], np.float32).reshape(1, 3, 1)
    resized = resize(line, Size(1, 6), method="bilinear")
    np.testing.assert_allclose(resized.ravel(), [0, 1, 3, 5, 7, 8])


def test_lanczos_keeps_a_straight_line_nearly_straight():
    line = np.arange(20, dtype=np.float32).reshape(1, 20, 1)
    inner = resize(line, Size(1, 40), method="lanczos").ravel()[8:-8]
    np.testing.assert_allclose(inner, np.arange(40)[8:-8] / 2 - 0.25, atol=0.03)


def test_without_antialiasing_pixels_are_skipped():
    stripes = np.tile(np.array([0, 0, 1, 0], np.float32), 8).reshape(1, 32, 1)
    aliased = resize(stripes, Size(1, 8), antialias=False)
    smooth = resize(stripes, Size(1, 8))
    assert np.abs(aliased[0, 2:-2, 0] - 0.25).min() > 0.2
    np.testing.assert_allclose(smooth[0, 2:-2, 0], 0.25, atol=0.05)


def test_memory_beyond_input_and_output_is_small():
    planes = np.zeros((1500, 2000, 3), np.float32)
    tracemalloc.start()
    resized = resize(planes, Size(750, 1000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < resized.nbytes + planes.nbytes


def test_unknown_method_names_the_known_ones():
    with pytest.raises(UsageError, match="unknown method 'cubic'") as caught:
        resize(np.zeros((2, 2, 1), np.float32), Size(4, 4), method="cubic")
    assert "bicubic" in caught.value.hint


def test_empty_size_is_refused():
    with pytest.raises(UsageError, match="cannot resize to 0x4"):
        resize(np.zeros((2, 2, 1), np.float32), Size(4, 0))
