"""The degradation of whole pictures (numpy) and the one of training batches (PyTorch) are the same."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the degradations of training need PyTorch")

from srcli.imaging.degradation import filters, noise  # noqa: E402
from srcli.imaging.degradation.jpeg import compress_as_jpeg  # noqa: E402  after the skip
from srcli.training.degradations import kernels  # noqa: E402
from srcli.training.degradations import noise as batch_noise  # noqa: E402
from srcli.training.degradations.blur import blur as blur_batch  # noqa: E402
from srcli.training.degradations.jpeg import compress as compress_batch  # noqa: E402

HEIGHT, WIDTH = 401, 503


def planes_of(batch):
    return batch[0].permute(1, 2, 0).numpy()


def batch_of(planes):
    return torch.from_numpy(planes).permute(2, 0, 1)[None]


def noises(kind, strength, level, *, grey):
    """What each of the two adds to a flat picture, (height, width, 3)."""
    flat = np.full((HEIGHT, WIDTH, 3), level, np.float32)
    random = torch.Generator().manual_seed(3)
    whole = getattr(noise, kind)(flat, strength, np.random.default_rng(2), grey=grey)
    batch = getattr(batch_noise, kind)(batch_of(flat), (strength, strength), 1.0 if grey else 0.0, random)
    return whole - flat, planes_of(batch) - flat


@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.parametrize("level", [0.05, 0.5, 1.0])
@pytest.mark.parametrize(("kind", "strength"), [("add_shot", 1.0), ("add_shot", 2.5), ("add_gaussian", 12.0)])
def test_noise_is_as_strong_in_both(kind, strength, level, grey):
    whole, batch = noises(kind, strength, level, grey=grey)
    assert np.std(batch) == pytest.approx(np.std(whole), rel=0.015)
    assert np.mean(batch) == pytest.approx(np.mean(whole), abs=4 * np.std(whole) / np.sqrt(HEIGHT * WIDTH))
    for added in (whole, batch):
        assert np.array_equal(added[:, :, 0], added[:, :, 2]) is grey


def test_photons_are_counted_alike():
    """Both round light to the same steps, which tell how many photons make white."""
    steps = [np.unique(np.round(added + 0.5, 6)) for added in noises("add_shot", 1.0, 0.5, grey=False)]
    for values in steps:
        np.testing.assert_allclose(np.diff(values).min(), 1 / 256, rtol=1e-3)


@pytest.mark.parametrize("side", [7, 13, 21])
def test_kernels_are_equal(side):
    rim = (21 - side) // 2
    inside = slice(rim, 21 - rim)
    sides = torch.tensor([side])
    ellipse = kernels.elliptic_kernels(
        sides, torch.tensor([[2.1, 0.8]]), torch.tensor([0.6]), torch.tensor([False]), torch.tensor([1.4])
    )[0].numpy()
    expected = filters.elliptic(side, (2.1, 0.8), 0.6, lambda distance: np.exp(-(distance**1.4) / 2))
    np.testing.assert_allclose(ellipse[inside, inside], expected, atol=1e-6)
    low_pass = kernels.low_pass_kernels(sides, torch.tensor([1.7]))[0].numpy()
    np.testing.assert_allclose(low_pass[inside, inside], filters.low_pass(side, 1.7), atol=1e-6)


def test_blur_and_compression_are_equal():
    rows, columns = np.mgrid[:45, :62]
    waves = np.stack([0.5 + 0.4 * np.sin(rows / (4 + c) + columns / 7) for c in range(3)], axis=-1)
    picture = (np.rint(waves * 255) / 255).astype(np.float32)
    kernel = filters.elliptic(7, (2.1, 0.8), 0.6, lambda distance: np.exp(-distance / 2))
    inside = (slice(4, -4), slice(4, -4))
    ours = planes_of(blur_batch(batch_of(picture), torch.from_numpy(kernel).float()[None]))
    # Away from the edges, which one repeats and the other mirrors.
    np.testing.assert_allclose(ours[inside], filters.blur(picture, kernel)[inside], atol=1e-5)
    whole, batch = (
        compress_as_jpeg(picture, 60),
        planes_of(compress_batch(batch_of(picture), torch.tensor([60.0]))),
    )
    assert np.abs(whole - batch).mean() < np.abs(whole - picture).mean() / 2
