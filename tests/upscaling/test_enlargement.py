from __future__ import annotations

import numpy as np
import pytest

from srcli.core.geometry import Size
from srcli.imaging.picture import Frame
from srcli.imaging.pixels.resize import resize
from srcli.upscaling.enlargement import Recipe, upscale_frame
from tests.upscaling.fakes import FakeGenerator

SIZE = Size(7, 11)


def planes(channels, seed=0):
    return np.random.default_rng(seed).random((*SIZE, channels), dtype=np.float32)


def nearest(picture, scale):
    return picture.repeat(scale, axis=0).repeat(scale, axis=1)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_every_colour_model_goes_through_the_generator(channels):
    colour = planes(channels)
    larger, reports = upscale_frame(Frame(colour, None), SIZE.scaled(2), Recipe((FakeGenerator(),)))
    np.testing.assert_allclose(larger.colour, nearest(colour, 2), atol=1e-6)
    assert len(reports) == (2 if channels == 4 else 1)


def test_the_frame_handed_in_is_left_alone():
    colour, alpha = planes(3), planes(1)[:, :, 0]
    kept = colour.copy(), alpha.copy()
    upscale_frame(Frame(colour, alpha), Size(9, 13), Recipe((FakeGenerator(),), strength=0.5))
    upscale_frame(Frame(colour, alpha), SIZE, Recipe(()))
    np.testing.assert_array_equal(colour, kept[0])
    np.testing.assert_array_equal(alpha, kept[1])


def test_alpha_is_upscaled_as_colour_is():
    alpha = planes(1)[:, :, 0]
    larger, _ = upscale_frame(Frame(planes(3), alpha), SIZE.scaled(2), Recipe((FakeGenerator(),)))
    np.testing.assert_allclose(larger.alpha, nearest(alpha, 2), atol=1e-6)


def test_constant_alpha_stays_constant_and_costs_nothing():
    generator = FakeGenerator(lift=0.1)
    alpha = np.full(SIZE, 0.5, np.float32)
    larger, _ = upscale_frame(Frame(planes(3), alpha), SIZE.scaled(2), Recipe((generator,)))
    assert len(generator.seen) == 1
    np.testing.assert_array_equal(larger.alpha, np.full(SIZE.scaled(2), 0.5))


def test_other_factors_end_with_one_resize():
    colour = planes(3)
    larger, _ = upscale_frame(Frame(colour, None), Size(12, 19), Recipe((FakeGenerator(),)))
    expected = np.clip(resize(nearest(colour, 2), Size(12, 19)), 0, 1)
    np.testing.assert_allclose(larger.colour, expected, atol=1e-6)


def test_chain_runs_one_after_the_other():
    first, second = FakeGenerator(scale=4), FakeGenerator(scale=2)
    larger, reports = upscale_frame(Frame(planes(3), None), SIZE.scaled(8), Recipe((first, second)))
    assert larger.colour.shape == (*SIZE.scaled(8), 3)
    assert second.seen == [(*SIZE.scaled(4), 3)]
    assert len(reports) == 2


def test_interpolation_alone():
    colour = planes(3)
    larger, reports = upscale_frame(Frame(colour, None), SIZE.scaled(3), Recipe((), resize_method="lanczos"))
    np.testing.assert_allclose(
        larger.colour, np.clip(resize(colour, SIZE.scaled(3), method="lanczos"), 0, 1), atol=1e-6
    )
    assert reports == []


@pytest.mark.parametrize("strength", [0.0, 0.25, 1.0])
def test_strength_blends_with_bicubic(strength):
    colour = planes(3) * 0.5 + 0.25
    recipe = Recipe((FakeGenerator(lift=0.1),), strength=strength)
    larger, _ = upscale_frame(Frame(colour, None), SIZE.scaled(2), recipe)
    expected = strength * (nearest(colour, 2) + 0.1) + (1 - strength) * resize(colour, SIZE.scaled(2))
    np.testing.assert_allclose(larger.colour, np.clip(expected, 0, 1), atol=1e-5)


def test_seamless_shows_the_generator_what_lies_across_the_edge():
    generator = FakeGenerator(receptive_field=3)
    colour = planes(3)
    larger, _ = upscale_frame(Frame(colour, None), SIZE.scaled(2), Recipe((generator,), seamless=True))
    assert generator.seen == [(SIZE.height + 6, SIZE.width + 6, 3)]
    np.testing.assert_array_equal(larger.colour, nearest(colour, 2))


def test_values_stay_in_range():
    recipe = Recipe((FakeGenerator(lift=0.9),), strength=0.9)
    larger, _ = upscale_frame(Frame(planes(3), planes(1)[:, :, 0]), Size(13, 21), recipe)
    assert larger.colour.min() >= 0.0
    assert larger.colour.max() <= 1.0
    assert larger.alpha.max() <= 1.0


def test_colour_under_transparent_pixels_does_not_bleed_out():
    colour = np.zeros((*SIZE, 3), np.float32)
    colour[:, 5:] = 1.0
    alpha = np.zeros(SIZE, np.float32)
    alpha[:, 5:] = 1.0
    size = SIZE.scaled(2)
    larger, _ = upscale_frame(Frame(colour, alpha), size, Recipe((), resize_method="bicubic"))
    np.testing.assert_allclose(larger.colour[larger.alpha > 0.02], 1.0, atol=1e-5)
