"""Which generator ``-m auto`` takes, and why."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from srcli.imaging.decode import open_picture
from srcli.upscaling.choice import CLEAN, EVERYDAY, choose_generator
from srcli.upscaling.condition import LOOKED_AT


def screen(height=151, width=203):
    """Flat areas with sharp edges, as on a screen."""
    levels = np.full((height, width, 3), 240, np.uint8)
    levels[20:90, 31:120] = (30, 90, 160)
    levels[100:140, 60:190] = (20, 20, 20)
    return levels


def noisy(levels, sigma):
    noise = np.random.default_rng(0).normal(0, sigma, levels.shape)
    return np.clip(np.rint(levels * 0.8 + 20 + noise), 0, 255).astype(np.uint8)


def soft(height=203, width=277):
    rows, columns = np.mgrid[:height, :width]
    plane = 120 + 60 * np.sin(rows / 23) * np.cos(columns / 31)
    return np.repeat(plane[:, :, None], 3, axis=2).astype(np.uint8)


def saved(levels, file_format, **options):
    buffer = BytesIO()
    Image.fromarray(levels).save(buffer, file_format, **options)
    return buffer.getvalue()


def choose(data):
    with open_picture(data) as picture:
        return choose_generator(picture)


@pytest.mark.parametrize("file_format", ["PNG", "TIFF", "BMP", "GIF", "PPM"])
def test_clean_pictures_without_loss_have_the_generator_for_them(file_format):
    assert choose(saved(screen(), file_format)).model == CLEAN


def test_jpeg_has_the_everyday_one_but_for_the_best():
    assert choose(saved(screen(), "JPEG", quality=90)).model == EVERYDAY
    assert choose(saved(screen(), "JPEG", quality=90)).reason == "is a JPEG of quality 90 or so"
    assert choose(saved(screen(), "JPEG", quality=99, subsampling=0)).model == CLEAN


@pytest.mark.parametrize("file_format", ["WEBP", "AVIF"])
def test_other_formats_with_losses_have_the_everyday_one(file_format):
    chosen = choose(saved(screen(), file_format, quality=80))
    assert chosen.model == EVERYDAY
    assert chosen.reason == f"is {file_format} with losses"


def test_noise_is_seen():
    chosen = choose(saved(noisy(screen(), 5), "PNG"))
    assert (chosen.model, chosen.reason.partition(" (")[0]) == (EVERYDAY, "looks noisy")


def test_grey_noise_of_16_bits_is_seen():
    levels = np.random.default_rng(0).normal(30000, 1500, (151, 203)).astype(np.uint16)
    assert choose(saved(levels, "PNG")).model == EVERYDAY


def test_blocks_are_seen_in_a_picture_that_was_jpeg_once():
    with Image.open(BytesIO(saved(soft(), "JPEG", quality=25))) as image:
        chosen = choose(saved(np.asarray(image), "PNG"))
    assert (chosen.model, chosen.reason) == (EVERYDAY, "shows the blocks of JPEG")


def test_the_middle_of_a_large_picture_is_looked_at():
    levels = screen(LOOKED_AT * 3 + 5, LOOKED_AT * 2 + 3)
    middle = slice(LOOKED_AT + 2, 2 * LOOKED_AT + 2)
    levels[middle] = noisy(levels[middle], 6)
    assert choose(saved(levels, "PNG")).model == EVERYDAY
    levels = noisy(screen(LOOKED_AT * 3 + 5, LOOKED_AT * 2 + 3), 6)
    levels[LOOKED_AT // 2 : -LOOKED_AT // 2] = 200
    assert choose(saved(levels, "PNG")).model == CLEAN
