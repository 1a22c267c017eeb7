"""SSIM and its multi-scale form against independent implementations."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import correlate
from skimage.metrics import structural_similarity

from srcli.core.errors import InputError
from srcli.metrics.ms_ssim import SMALLEST_SIDE, WEIGHTS, ms_ssim
from srcli.metrics.ssim import ssim


def _noisy_pair(height: int, width: int, channels: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(height)
    waves = np.sin(np.arange(height)[:, None] / 5) * np.cos(np.arange(width) / 9) / 3 + 0.5
    reference = np.repeat(waves[:, :, None], channels, axis=2).astype(np.float32)
    noise = 0.1 * rng.standard_normal(reference.shape, dtype=np.float32)
    return np.clip(reference + noise, 0, 1), reference


def _scikit(result: np.ndarray, reference: np.ndarray, data_range: float) -> float:
    """The authors' options; scikit-image pads, and crops a border of half the window itself."""
    return structural_similarity(
        result.astype(float),
        reference.astype(float),
        data_range=data_range,
        channel_axis=2,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
    )


@pytest.mark.parametrize(
    ("height", "width", "channels"), [(41, 67, 3), (11, 11, 1), (12, 230, 1), (161, 90, 2)]
)
def test_ssim_agrees_with_scikit_image(height, width, channels):
    pair = _noisy_pair(height, width, channels)
    assert ssim(*pair, data_range=1) == pytest.approx(_scikit(*pair, 1), abs=1e-9)


def test_ssim_agrees_with_scikit_image_on_a_photograph(shared_data):
    reference = np.asarray(Image.open(shared_data / "bench" / "Set5" / "img_003.png"), np.float32)
    result = np.clip(np.roll(reference, 1, axis=0) * 0.9 + 4, 0, 255)
    assert ssim(result, reference, data_range=255) == pytest.approx(_scikit(result, reference, 255), abs=1e-9)


def test_identical_pictures_give_one():
    planes, _ = _noisy_pair(40, 30)
    assert ssim(planes, planes, data_range=1) == 1


def test_ssim_is_symmetric():
    result, reference = _noisy_pair(40, 30)
    assert ssim(result, reference, data_range=1) == pytest.approx(
        ssim(reference, result, data_range=1), rel=1e-12
    )


def test_a_picture_smaller_than_the_window_is_refused():
    small = np.zeros((10, 30, 3), np.float32)
    with pytest.raises(InputError, match="SSIM needs 11x11 pixels, and there are 30x10"):
        ssim(small, small, data_range=1)


def _plain_ms_ssim(x: np.ndarray, y: np.ndarray) -> float:
    """One channel, straight from the paper, by scipy's filters."""
    line = np.exp(-((np.arange(11) - 5) ** 2) / (2 * 1.5**2))
    window = np.outer(line, line) / line.sum() ** 2

    def mean(field: np.ndarray) -> np.ndarray:
        return correlate(field, window)[5:-5, 5:-5]

    product = 1.0
    for scale, weight in enumerate(WEIGHTS):
        mx, my = mean(x), mean(y)
        vx, vy, cov = mean(x * x) - mx**2, mean(y * y) - my**2, mean(x * y) - mx * my
        contrast = (2 * cov + 0.0009) / (vx + vy + 0.0009)
        luminance = (2 * mx * my + 0.0001) / (mx**2 + my**2 + 0.0001)
        last = scale == len(WEIGHTS) - 1
        product *= np.mean(contrast * luminance if last else contrast) ** weight
        x, y = (correlate(field, np.full((2, 2), 0.25), origin=-1)[::2, ::2] for field in (x, y))
    return float(product)


def test_ms_ssim_agrees_with_the_paper():
    result, reference = _noisy_pair(183, 241, 1)
    expected = _plain_ms_ssim(result[:, :, 0].astype(float), reference[:, :, 0].astype(float))
    assert ms_ssim(result, reference, data_range=1) == pytest.approx(expected, abs=1e-6)


def test_ms_ssim_of_identical_pictures_is_one():
    planes, _ = _noisy_pair(SMALLEST_SIDE, 170)
    assert ms_ssim(planes, planes, data_range=1) == 1


def test_ms_ssim_counts_a_negative_factor_as_zero():
    _, reference = _noisy_pair(170, 170, 1)
    assert ms_ssim(1 - reference, reference, data_range=1) == 0


def test_ms_ssim_refuses_small_pictures():
    small = np.zeros((SMALLEST_SIDE - 1, 300, 1), np.float32)
    with pytest.raises(InputError, match="MS-SSIM needs 161x161 pixels"):
        ms_ssim(small, small, data_range=1)
