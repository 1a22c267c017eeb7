"""Colour under transparent pixels: taken from the visible ones around, which stay as they are."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from srcli.imaging.pixels.alpha import bleed


def disc(height=37, width=51):
    rows, columns = np.mgrid[:height, :width]
    visible = (rows - height / 2) ** 2 + (columns - width / 2) ** 2 < 100
    colour = np.where(visible[:, :, None], np.float32([0.9, 0.5, 0.2]), np.float32(0))
    return colour.astype(np.float32), visible.astype(np.float32)


def test_the_surroundings_take_the_colour_of_the_visible_part():
    colour, alpha = disc()
    filled = bleed(colour, alpha)
    assert filled.dtype == np.float32
    np.testing.assert_allclose(filled, np.broadcast_to(np.float32([0.9, 0.5, 0.2]), colour.shape), atol=1e-5)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 20), st.integers(1, 23), st.floats(0, 1), st.integers(0, 99))
def test_visible_pixels_stay_and_filled_ones_lie_between_them(height, width, share, seed):
    random = np.random.default_rng(seed)
    colour = random.random((height, width, 3), dtype=np.float32)
    alpha = (random.random((height, width)) < share).astype(np.float32)
    filled = bleed(colour, alpha)
    np.testing.assert_array_equal(filled[alpha > 0], colour[alpha > 0])
    if (alpha > 0).any():
        visible = colour[alpha > 0]
        assert (filled >= visible.min(axis=0) - 1e-5).all()
        assert (filled <= visible.max(axis=0) + 1e-5).all()


def test_a_near_neighbour_counts_more_than_a_far_one():
    colour = np.zeros((8, 64, 1), np.float32)
    alpha = np.zeros((8, 64), np.float32)
    colour[:, :4], alpha[:, :4] = 0.2, 1
    colour[:, -4:], alpha[:, -4:] = 0.8, 1
    filled = bleed(colour, alpha)[4, :, 0]
    assert abs(filled[5] - 0.2) < 0.1
    assert abs(filled[-6] - 0.8) < 0.1


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_nothing_to_fill_gives_the_input_itself(level):
    colour, _ = disc()
    assert bleed(colour, np.full(colour.shape[:2], level, np.float32)) is colour


def test_time_is_linear_in_the_pixels():
    def seconds(side):
        colour = np.zeros((side, side, 3), np.float32)
        alpha = np.zeros((side, side), np.float32)
        alpha[: side // 8] = 1
        start = time.perf_counter()
        bleed(colour, alpha)
        return time.perf_counter() - start

    seconds(64)
    assert seconds(1024) < 64 * seconds(256) + 0.5
