"""How far colours are off, and how colourful pictures are."""

from __future__ import annotations

import math

import numpy as np
import pytest

from srcli.metrics.chroma import chroma_error
from srcli.metrics.colourfulness import colourfulness, colourfulness_ratio


def flat(*colour):
    return np.broadcast_to(np.array(colour, np.float32), (6, 9, len(colour)))


def test_chroma_is_blind_to_brightness_and_sees_colour():
    assert chroma_error(flat(50, 60, 70), flat(90, 100, 110), data_range=255) == pytest.approx(0, abs=1e-4)
    # Pure blue has a Cb of +127.5 and a Cr of -0.081312 * 255, grey has none.
    expected = (127.5 + 0.081312 * 255) / 2
    assert chroma_error(flat(0, 0, 255), flat(0, 0, 0), data_range=255) == pytest.approx(expected)
    assert chroma_error(flat(3), flat(9), data_range=255) == 0.0


def test_colourfulness_by_hand():
    assert colourfulness(flat(80, 80, 80)) == 0.0
    # One colour has no spread: 0.3 times the distance of its mean from grey, rg = 100 and yb = 50 here.
    assert colourfulness(flat(100, 0, 0)) == pytest.approx(0.3 * math.hypot(100, 50))
    # Half red, half green: rg is +-100, so its spread is 100; yb is 50 everywhere.
    halves = np.concatenate([flat(100, 0, 0), flat(0, 100, 0)])
    assert colourfulness(halves) == pytest.approx(100 + 0.3 * 50)


def test_a_share_of_the_reference():
    assert colourfulness_ratio(flat(50, 0, 0), flat(100, 0, 0), data_range=255) == pytest.approx(0.5)
    assert colourfulness_ratio(flat(7, 7, 7), flat(9, 9, 9), data_range=255) == 1.0
    assert colourfulness_ratio(flat(7, 0, 7), flat(9, 9, 9), data_range=255) == math.inf
