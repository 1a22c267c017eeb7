"""How steady videos are."""

from __future__ import annotations

import math

import numpy as np
import pytest

from srcli.core.errors import InputError
from srcli.metrics.steadiness import Steadiness


def frames(count=4, seed=0, shape=(13, 17, 3)):
    chance = np.random.default_rng(seed)
    return [chance.uniform(0, 255, shape).astype(np.float32) for _ in range(count)]


def steadiness(result, reference, data_range=255.0):
    found = Steadiness(data_range)
    for pair in zip(result, reference, strict=True):
        found.add(*pair)
    return found


def test_t_psnr_is_the_psnr_of_the_differences_of_frames():
    result, reference = frames(seed=1), frames(seed=2)
    differences = np.diff(np.stack(result), axis=0) - np.diff(np.stack(reference), axis=0)
    expected = 10 * np.log10(255**2 / np.mean(differences.astype(np.float64) ** 2))
    assert steadiness(result, reference).t_psnr_db == pytest.approx(expected, rel=1e-6)


def test_an_error_that_stays_is_no_flicker():
    reference = frames(1) * 5
    result = [frame + 7 for frame in reference]
    found = steadiness(result, reference)
    assert found.t_psnr_db == math.inf
    assert found.flicker_levels == 0.0


def test_an_error_that_comes_and_goes_is_flicker():
    reference = frames(1) * 4
    result = [frame + 3 * (index % 2) for index, frame in enumerate(reference)]
    assert steadiness(result, reference).flicker_levels == pytest.approx(3, abs=1e-4)


def test_what_moves_in_the_reference_does_not_count_as_flicker():
    still = np.zeros((9, 10, 1), np.float32)
    moved = still.copy()
    moved[:, 5:] = 100
    trembling = moved.copy()
    trembling[:, :5] = 2
    assert steadiness([still, trembling], [still, moved]).flicker_levels == pytest.approx(2)


def test_figures_do_not_depend_on_the_range():
    result, reference = frames(seed=1), frames(1) * 4
    unit = steadiness([each / 255 for each in result], [each / 255 for each in reference], 1.0)
    levels = steadiness(result, reference)
    assert unit.t_psnr_db == pytest.approx(levels.t_psnr_db, abs=1e-4)
    assert unit.flicker_levels == pytest.approx(levels.flicker_levels, rel=1e-5)


def test_one_frame_tells_nothing():
    found = steadiness(frames(1), frames(1))
    assert math.isnan(found.t_psnr_db)
    assert math.isnan(found.flicker_levels)


def test_frames_of_two_sizes_are_refused():
    with pytest.raises(InputError, match="differ"):
        steadiness(frames(1), frames(1, shape=(13, 16, 3)))
