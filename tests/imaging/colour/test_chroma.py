"""Luma and chroma apart and together, chroma raised along edges, and colour beyond a tint."""

from __future__ import annotations

import numpy as np
import pytest

from srcli.imaging.colour.chroma import (
    colour_beyond_tint,
    follow_lines,
    lines_over_luma,
    take_chroma,
    take_luma,
    with_chroma,
)

# Red, green, blue and grey, and their luma, Cb and Cr by ITU-T T.871 (JFIF), section 7.
KNOWN = [
    ((1, 0, 0), (0.299, -0.168736, 0.5)),
    ((0, 1, 0), (0.587, -0.331264, -0.418688)),
    ((0, 0, 1), (0.114, 0.5, -0.081312)),
    ((0.4, 0.4, 0.4), (0.4, 0, 0)),
]


@pytest.fixture
def random():
    return np.random.default_rng(3)


@pytest.mark.parametrize(("colour", "parts"), KNOWN)
def test_they_are_those_of_jpeg(colour, parts):
    pixel = np.array(colour, np.float32).reshape(1, 1, 3)
    assert take_luma(pixel)[0, 0] == pytest.approx(parts[0], abs=1e-6)
    assert take_chroma(pixel)[0, 0] == pytest.approx(parts[1:], abs=1e-5)


def test_together_they_are_the_picture(random):
    picture = random.random((13, 17, 3), dtype=np.float32)
    again = with_chroma(take_luma(picture), take_chroma(picture))
    assert again == pytest.approx(picture, abs=1e-6)


def test_luma_stays_where_there_is_no_such_colour(random):
    luma = random.random((31, 23), dtype=np.float32)
    luma[0, :2] = 0, 1
    chroma = random.random((31, 23, 2), dtype=np.float32) - 0.5
    coloured = with_chroma(luma, chroma)
    assert coloured.min() >= 0 <= 1 >= coloured.max()
    assert take_luma(coloured) == pytest.approx(luma, abs=1e-6)
    assert coloured[0, 0] == pytest.approx(0)
    assert coloured[0, 1] == pytest.approx(1)
    # Paler, and of the same hue.
    made = take_chroma(coloured)
    assert (np.abs(made) <= np.abs(chroma) + 1e-6).all()
    assert made[..., 0] * chroma[..., 1] == pytest.approx(made[..., 1] * chroma[..., 0], abs=1e-6)


def test_chroma_that_is_a_line_over_luma_comes_back_at_any_size(random):
    luma = random.random((40, 40), dtype=np.float32)
    slope, offset = np.array([0.3, -0.2], np.float32), np.array([-0.1, 0.05], np.float32)
    lines = lines_over_luma(luma, luma[..., None] * slope + offset)
    # The sharper edges of a large picture get their chroma as well.
    sharp = np.array([[0.0, 1.0]], np.float32)
    raised = follow_lines(sharp, np.broadcast_to(lines[20, 20], (1, 2, 4)))
    assert raised[0] == pytest.approx(sharp[0, :, None] * slope + offset, abs=0.02)


def test_flat_places_keep_their_chroma():
    chroma = np.zeros((40, 40, 2), np.float32)
    chroma[:, :20, 0], chroma[:, 20:, 1] = 0.2, -0.1
    luma = np.full((40, 40), 0.5, np.float32)
    raised = follow_lines(luma, lines_over_luma(luma, chroma))
    assert raised[:, :10] == pytest.approx(chroma[:, :10], abs=0.02)
    assert raised[:, 30:] == pytest.approx(chroma[:, 30:], abs=0.02)


def test_chroma_turns_at_the_edge_of_luma():
    chroma, luma = np.zeros((48, 48, 2), np.float32), np.full((48, 48), 0.2, np.float32)
    luma[:, 25:] = 0.8
    # Predicted chroma is smooth, and has its middle a pixel beside the edge.
    chroma[:, :, 0] = 0.2 / (1 + np.exp((24 - np.arange(48)) / 3))
    raised = follow_lines(luma, lines_over_luma(luma, chroma))[24, :, 0]
    steps = np.diff(raised)
    assert steps.argmax() == 24
    assert steps[24] > 3 * np.diff(chroma[24, :, 0]).max()


def test_tints_are_no_colours(random):
    luma = random.random((60, 70), dtype=np.float32)
    sepia = np.stack([luma**0.8, luma * 0.92, luma**1.3 * 0.8], axis=2)
    assert colour_beyond_tint(np.stack([luma] * 3, axis=2)) == pytest.approx(0, abs=1e-6)
    assert colour_beyond_tint(sepia) < 0.003
    two = sepia.copy()
    two[:, 35:] = two[:, 35:, ::-1]
    assert colour_beyond_tint(two) > 0.03
    assert colour_beyond_tint(np.full((9, 9, 3), 0.5, np.float32)) == pytest.approx(0, abs=1e-6)
