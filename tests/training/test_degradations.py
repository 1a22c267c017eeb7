import io

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.special import j1

from srcli.core.errors import UsageError
from srcli.core.geometry import Size
from srcli.imaging.pixels.resize import resize
from srcli.training.degradations import DEGRADATIONS, build_degradation
from srcli.training.degradations.blur import blur
from srcli.training.degradations.compressed import CompressedDegradation
from srcli.training.degradations.everyday import EverydayDegradation
from srcli.training.degradations.jpeg import compress
from srcli.training.degradations.kernels import (
    elliptic_kernels,
    gaussian_kernel,
    low_pass_kernels,
    random_final_low_passes,
    random_kernels,
)
from srcli.training.degradations.real import RealDegradation
from srcli.training.synthetic import draw_synthetic


def _levels(height, width, seed=0):
    return torch.randint(0, 256, (1, 3, height, width), generator=torch.Generator().manual_seed(seed))


def _smooth(height, width):
    rows, columns = torch.meshgrid(torch.linspace(0, 3, height), torch.linspace(0, 5, width), indexing="ij")
    wave = 0.5 + 0.3 * torch.sin(rows) * torch.cos(columns)
    return torch.stack([wave, wave * 0.8, 1 - wave])[None]


def _seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_bicubic_equals_the_resize_that_follows_matlab_bit_for_bit(scale):
    levels = _levels(scale * 17, scale * 23)
    low = build_degradation("bicubic", scale)(levels.float() / 255, _seeded())
    planes = levels[0].permute(1, 2, 0).numpy().astype(np.float32)
    expected = np.floor(resize(planes, Size(17, 23)) + np.float32(0.5)).clip(0, 255)
    assert np.array_equal((low[0].permute(1, 2, 0) * 255).round().numpy(), expected)


@pytest.mark.parametrize("name", sorted(DEGRADATIONS))
def test_degradation_gives_low_resolution_levels_in_range(name):
    low = build_degradation(name, 4)(_levels(96, 100).float() / 255, _seeded())
    assert tuple(low.shape) == (1, 3, 24, 25)
    assert float(low.min()) >= 0
    assert float(low.max()) <= 1
    assert torch.allclose(low * 255, (low * 255).round(), atol=1e-3)


@pytest.mark.parametrize("name", sorted(DEGRADATIONS))
def test_degradation_repeats_with_its_seed(name):
    degradation, high = build_degradation(name, 2), _levels(64, 64).float() / 255
    assert torch.equal(degradation(high, _seeded(4)), degradation(high, _seeded(4)))


def test_real_degradation_differs_from_seed_to_seed_but_leaves_clean_pairs_alone():
    high = (_levels(64, 64).float() / 255).expand(8, -1, -1, -1)
    rough = RealDegradation(2, clean_share=0.0)
    assert not torch.equal(rough(high, _seeded(1)), rough(high, _seeded(2)))
    clean = RealDegradation(2, clean_share=1.0)
    assert torch.equal(clean(high, _seeded(1)), build_degradation("bicubic", 2)(high, _seeded()))


def test_everyday_degradation_stays_near_the_clean_pair_and_leaves_its_share_alone():
    high = _smooth(96, 96).expand(64, -1, -1, -1)
    clean = build_degradation("bicubic", 4)(high, _seeded())
    assert torch.equal(EverydayDegradation(4, clean_share=1.0)(high, _seeded(1)), clean)
    changes = (EverydayDegradation(4)(high, _seeded(1)) - clean).flatten(1).abs()
    untouched = int((changes.amax(dim=1) == 0).sum())
    assert 20 <= untouched <= 44
    # Noise of 22 levels, doubled by sharpening, is the most that is added.
    assert 0 < float(changes.mean(dim=1).amax()) < 40 / 255


@pytest.mark.parametrize("name", sorted(DEGRADATIONS))
def test_degradation_at_the_same_size_moves_no_pixel(name):
    high = _smooth(96, 100)
    low = build_degradation(name, 1)(high, _seeded())
    assert low.shape == high.shape
    # Shifted by a pixel, the picture would be further from itself than anything here makes it.
    change = (low - high).mean(dim=1)
    assert float(change.mean().abs()) < 3 / 255


def test_compressed_degradation_leaves_its_share_alone_and_neither_blurs_nor_sharpens():
    high = _smooth(64, 64).expand(48, -1, -1, -1)
    clean = build_degradation("bicubic", 1)(high, _seeded())
    assert float((clean - high).abs().max()) <= 0.5 / 255 + 1e-6
    assert torch.equal(CompressedDegradation(1, clean_share=1.0)(high, _seeded(1)), clean)
    changes = (CompressedDegradation(1, clean_share=0.0)(high, _seeded(1)) - clean).flatten(1)
    assert int((changes.abs().amax(dim=1) > 0).sum()) >= 30
    assert float(changes.mean(dim=1).abs().max()) < 4 / 255


def test_everyday_degradation_puts_the_grid_of_jpeg_anywhere():
    high = _smooth(96, 96)
    lows = [EverydayDegradation(4, clean_share=0.0)(high, _seeded(seed)) for seed in range(8)]
    assert len({low.numpy().tobytes() for low in lows}) == len(lows)


@pytest.mark.parametrize("seed", range(12))
def test_real_degradation_survives_every_branch(seed):
    low = RealDegradation(4, clean_share=0.0)(
        _levels(96, 96).float().expand(2, -1, -1, -1) / 255, _seeded(seed)
    )
    assert torch.isfinite(low).all()
    assert low.shape == (2, 3, 24, 24)


def test_random_kernels_sum_to_one_and_keep_within_their_frame():
    kernels = torch.cat([random_kernels(64, (0.2, 3.0), _seeded(1)), random_final_low_passes(16, _seeded(2))])
    assert kernels.shape == (80, 21, 21)
    assert torch.allclose(kernels.sum(dim=(1, 2)), torch.ones(80), atol=1e-5)
    # A low-pass has negative rings; at sides below 21 the rim of the frame is empty.
    assert bool((kernels[:64].amin(dim=(1, 2)) < 0).any())
    assert bool((kernels[:64, 0].abs().sum(dim=1) == 0).any())


def test_an_elliptic_kernel_with_equal_axes_is_the_gaussian():
    kernel = elliptic_kernels(
        torch.tensor([7]),
        torch.tensor([[1.6, 1.6]]),
        torch.tensor([0.9]),
        torch.tensor([False]),
        torch.tensor([1.0]),
    )[0]
    assert torch.allclose(kernel[7:14, 7:14], gaussian_kernel(7, 1.6), atol=1e-7)
    assert float(kernel.sum()) == pytest.approx(1)


def test_an_elliptic_kernel_follows_its_formula():
    sides, sigmas = torch.tensor([11, 11]), torch.tensor([[2.0, 0.7], [2.0, 0.7]])
    angles, powers = torch.tensor([0.4, 0.4]), torch.tensor([0.8, 1.5])
    pair = elliptic_kernels(sides, sigmas, angles, torch.tensor([False, True]), powers)
    # At 3 columns to the right and 1 row down, against the centre.
    along, across = 3 * np.cos(0.4) + np.sin(0.4), np.cos(0.4) - 3 * np.sin(0.4)
    distance = (along / 2.0) ** 2 + (across / 0.7) ** 2
    ratios = pair[:, 11, 13] / pair[:, 10, 10]
    assert float(ratios[0]) == pytest.approx(np.exp(-(distance**0.8) / 2), rel=1e-4)
    assert float(ratios[1]) == pytest.approx(1 / (1 + distance**1.5), rel=1e-4)


def test_a_low_pass_follows_its_formula():
    kernel = low_pass_kernels(torch.tensor([13]), torch.tensor([1.2]))[0]
    expected = [1.2 * j1(1.2 * r) / (2 * np.pi * r) for r in (1.0, 5.0)]
    assert float(kernel[10, 15] / kernel[10, 11]) == pytest.approx(expected[1] / expected[0], rel=1e-4)
    assert float(kernel[10, 10] / kernel[10, 11]) == pytest.approx(
        1.2**2 / (4 * np.pi) / expected[0], rel=1e-4
    )


def test_blur_applies_each_kernel_to_its_own_picture():
    pictures = torch.rand(2, 3, 20, 17)
    identity = torch.zeros(7, 7)
    identity[3, 3] = 1
    blurred = blur(pictures, torch.stack([identity, gaussian_kernel(7, 1.6)]))
    assert torch.allclose(blurred[0], pictures[0], atol=1e-6)
    assert float(blurred[1].var()) < float(pictures[1].var()) / 2


@pytest.mark.parametrize("quality", [30, 75, 95])
def test_compression_loses_as_much_as_a_real_encoder(quality):
    rows, columns = np.mgrid[:64, :80]
    waves = np.stack([128 + 100 * np.sin(rows / (4 + c) + columns / 7) for c in range(3)], axis=-1)
    levels = waves.clip(0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(levels).save(buffer, "JPEG", quality=quality, subsampling="4:2:0")
    real = np.asarray(Image.open(buffer), np.float32)
    ours = compress(
        torch.from_numpy(levels).permute(2, 0, 1)[None].float() / 255, torch.tensor([float(quality)])
    )
    ours = (ours[0].permute(1, 2, 0) * 255).numpy()
    losses = [float(np.abs(each - levels).mean()) for each in (real, ours)]
    assert losses[1] == pytest.approx(losses[0], rel=0.15)
    assert float(np.abs(ours - real).mean()) < 0.5 * losses[0]


def _repeats(crop, period):
    return torch.equal(crop[:, period:], crop[:, :-period]) and not torch.equal(crop[:, 1:], crop[:, :-1])


def test_synthetic_crops_hold_dithered_patterns():
    random = _seeded(5)
    crops = [draw_synthetic(30, random) for _ in range(40)]
    assert any(_repeats(crop, period) for crop in crops for period in (2, 3, 4))


def test_synthetic_crops_hold_white_paper_and_text():
    random = _seeded(3)
    crops = [draw_synthetic(48, random) for _ in range(40)]
    assert all(crop.shape == (3, 48, 48) and crop.dtype == torch.uint8 for crop in crops)
    assert any(int(crop.min()) == 255 for crop in crops)
    assert any(int(crop.min()) == 0 and int(crop.max()) == 255 for crop in crops)
    assert any(len(crop.unique()) <= 3 and int(crop.min()) not in (0, 255) for crop in crops)


def test_unknown_degradation_is_named():
    with pytest.raises(UsageError, match="'rain'"):
        build_degradation("rain", 2)
