"""How far the blocks of JPEG show."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from srcli.metrics.blockiness import blockiness


def scene(height=203, width=277):
    """Soft shapes and a little texture, luma on 0..255."""
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    shapes = 120 + 60 * np.sin(rows / 23) * np.cos(columns / 31)
    return shapes + np.random.default_rng(0).normal(0, 1.5, shapes.shape).astype(np.float32)


def compressed(plane, quality):
    buffer = BytesIO()
    Image.fromarray(np.clip(np.rint(plane), 0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=quality)
    with Image.open(buffer) as image:
        return np.asarray(image, np.float32)


def test_blocks_show_the_more_the_harder_a_picture_was_compressed():
    plain, mild, hard = scene(), compressed(scene(), 80), compressed(scene(), 30)
    assert blockiness(plain) < 0.1
    assert blockiness(plain) < blockiness(mild) < blockiness(hard)
    assert blockiness(hard) > 0.5


@pytest.mark.parametrize(("top", "left"), [(0, 3), (5, 0), (7, 1)])
def test_the_grid_may_begin_anywhere(top, left):
    hard = compressed(scene(), 30)
    assert blockiness(hard[top:, left:]) == pytest.approx(blockiness(hard), abs=0.05)


def test_stripes_of_eight_pixels_in_one_direction_are_no_blocks():
    stripes = np.tile((np.arange(277) // 8 % 2 * 40).astype(np.float32), (203, 1))
    assert blockiness(stripes) == 0


def test_small_pictures_show_none():
    assert blockiness(compressed(scene(), 10)[:31]) == 0
