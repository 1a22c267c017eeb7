"""The figures that papers print, by the luma pipeline: luma rounded to 8 bit, then shrunk and enlarged."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from srcli.core.geometry import Size
from srcli.imaging.pixels.resize import resize
from srcli.metrics.luma import rgb_to_luma
from srcli.metrics.psnr import psnr
from srcli.metrics.ssim import ssim

# Of an independent implementation in double precision; papers print 33.66/0.9299, 30.39/0.8682, 28.42/0.8104
# on Set5 and 29.56/0.8431, 25.96/0.6675 on BSD100.
BICUBIC = [
    ("Set5", 2, 33.652, 0.9296),
    ("Set5", 3, 30.388, 0.8681),
    ("Set5", 4, 28.418, 0.8103),
    ("BSD100", 2, 29.554, 0.8429),
    ("BSD100", 4, 25.959, 0.6673),
]


def _round(levels: np.ndarray) -> np.ndarray:
    return np.clip(np.floor(levels + 0.5), 0, 255)


def _bicubic_figures(path, scale: int) -> tuple[float, float]:
    rgb = np.asarray(Image.open(path), np.float32) / 255
    height, width = (side // scale * scale for side in rgb.shape[:2])
    luma = rgb_to_luma(rgb[:height, :width], round_levels=True) * 255
    low = _round(resize(luma, Size(height // scale, width // scale)))
    inner = (slice(scale, -scale),) * 2
    pair = _round(resize(low, Size(height, width)))[inner], luma[inner]
    return psnr(*pair, data_range=255), ssim(*pair, data_range=255)


@pytest.mark.parametrize(("benchmark", "scale", "psnr_db", "similarity"), BICUBIC)
def test_bicubic_meets_the_published_figures(shared_data, benchmark, scale, psnr_db, similarity):
    pictures = sorted((shared_data / "bench" / benchmark).glob("*.png"))
    figures = np.mean([_bicubic_figures(path, scale) for path in pictures], axis=0)
    assert figures[0] == pytest.approx(psnr_db, abs=0.01)
    assert figures[1] == pytest.approx(similarity, abs=0.0005)
