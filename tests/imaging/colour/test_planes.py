"""Colour planes to what a generator sees, and back."""

from __future__ import annotations

import numpy as np
import pytest

from srcli.imaging.colour.planes import join_passes, split_passes


@pytest.mark.parametrize(("channels", "passes"), [(1, 1), (3, 1), (4, 2)])
def test_joining_undoes_splitting(channels, passes):
    colour = np.random.default_rng(1).random((5, 7, channels), dtype=np.float32)
    split = split_passes(colour)
    assert [part.shape for part in split] == [(5, 7, 3)] * passes
    np.testing.assert_allclose(join_passes(split, channels), colour, atol=1e-7)


def test_grey_is_the_mean_of_what_a_generator_made_of_it():
    planes = np.stack([np.full((2, 3), level, np.float32) for level in (0.1, 0.2, 0.6)], axis=2)
    np.testing.assert_allclose(join_passes((planes,), 1), np.full((2, 3, 1), 0.3), atol=1e-6)
