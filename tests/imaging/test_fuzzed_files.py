"""Whatever bytes come in: a picture, or one of srcli's own errors."""

from __future__ import annotations

import warnings

import corpus
import numpy as np
import pytest

from srcli.core.errors import SrcliError
from srcli.imaging.decode import open_picture

FILES = {sample.name: sample.data for sample in corpus.all_samples()}
FILES |= {f"animated-{name.lower()}": corpus.animation(name) for name in ("GIF", "PNG", "WEBP")}
FILES["palette"] = corpus.palette_png(clear=True)[0]
FILES["metadata-jpeg"] = corpus.pillow_file(
    corpus.pixels(3),
    "JPEG",
    exif=b"Exif\0\0" + corpus.exif_block(6),
    xmp=corpus.xmp_packet(6),
    icc_profile=corpus.srgb_profile(),
)
FILES["metadata-tiff"] = corpus.oriented_file(7, "TIFF")
MAX_PIXELS = 10**6


def survive(data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            with open_picture(data, max_pixels=MAX_PIXELS) as picture:
                for frame in picture.frames():
                    assert frame.colour.shape[:2] == picture.info.size
        except SrcliError:
            pass


@pytest.mark.parametrize("name", FILES)
def test_any_cut_is_survived(name):
    data = FILES[name]
    for end in np.unique(np.linspace(0, len(data) - 1, 40).astype(int)):
        survive(data[:end])


@pytest.mark.parametrize("name", FILES)
def test_any_flipped_bytes_are_survived(name):
    data = FILES[name]
    random = np.random.default_rng(sum(name.encode()))
    for _ in range(60):
        damaged = bytearray(data)
        reach = len(data) if random.random() < 0.5 else min(len(data), 200)
        for position in random.integers(0, reach, random.integers(1, 4)):
            damaged[position] = random.integers(0, 256)
        survive(bytes(damaged))
