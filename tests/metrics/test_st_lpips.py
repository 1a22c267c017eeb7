"""ST-LPIPS against the figures of its authors' own package, and its laws on a random network."""

from __future__ import annotations

import numpy as np
import pytest

from srcli.core.errors import InputError, UnsuitableModel, UsageError
from srcli.metrics.protocol import Protocol, measure
from srcli.metrics.st_lpips import LARGEST_PIXELS, load_st_lpips
from tests.st_lpips_network import save_network


@pytest.fixture
def network_file(tmp_path):
    return save_network(tmp_path / "network.npz")


def _waves(height, width):
    rows, columns = np.mgrid[0:height, 0:width]
    return 0.5 + 0.4 * np.sin(rows / 5)[:, :, None] * np.cos(columns[:, :, None] / np.array([4, 6, 9]))


# Computed with stlpips-pytorch 0.0.2, network "alex", variant "shift_tolerant", on PyTorch 2.13.
@pytest.mark.parametrize(
    ("size", "textured", "shifted"),
    [((64, 96), 0.5257720, 0.0072776), ((71, 45), 1.51650e-5, 0.0095963), ((33, 40), 6.8737e-5, 0.0144594)],
)
def test_figures_agree_with_the_authors_package(shared_data, size, textured, shifted):
    metric = load_st_lpips(shared_data / "nets" / "stlpips_alex_shift_tolerant.npz")
    waves = _waves(*size)
    texture = 0.1 * np.sin(np.arange(waves.size).reshape(waves.shape) * 1.7)
    for result, expected in (
        (np.clip(waves + texture, 0, 1), textured),
        (np.roll(waves, 1, axis=1), shifted),
    ):
        figure = metric(result.astype(np.float32), waves.astype(np.float32), data_range=1)
        assert figure == pytest.approx(expected, rel=1e-4, abs=1e-8)


def test_laws_of_a_distance(network_file):
    metric = load_st_lpips(network_file)
    waves = _waves(40, 50).astype(np.float32)
    noisy = np.clip(waves + np.random.default_rng(1).normal(0, 0.2, waves.shape), 0, 1).astype(np.float32)
    assert metric(waves, waves, data_range=1) == 0
    assert metric(noisy, waves, data_range=1) == pytest.approx(metric(waves, noisy, data_range=1))
    assert metric(noisy, waves, data_range=1) > 0
    levels = metric(noisy * 255, waves * 255, data_range=255)
    assert levels == pytest.approx(metric(noisy, waves, data_range=1), rel=1e-4)


def test_it_is_measured_on_colour_under_a_luma_protocol(network_file):
    networks = {"st-lpips": load_st_lpips(network_file)}
    waves = _waves(40, 50).astype(np.float32)
    tinted = waves * np.array([1, 0.8, 0.6], np.float32)
    figures = [
        measure(tinted, waves, Protocol(channel, shave=2), ["psnr", "st-lpips"], networks)
        for channel in ("y", "rgb")
    ]
    assert figures[0]["st-lpips"] == figures[1]["st-lpips"] > 0
    assert figures[0]["psnr"] != figures[1]["psnr"]


def test_without_a_network_it_says_what_is_missing():
    waves = _waves(40, 50).astype(np.float32)
    with pytest.raises(UsageError, match="needs its network") as caught:
        measure(waves, waves, Protocol(), ["st-lpips"])
    assert "--st-lpips FILE" in caught.value.hint


@pytest.mark.parametrize("shape", [(31, 80, 3), (2, LARGEST_PIXELS, 1)])
def test_unsuitable_sizes_are_refused(network_file, shape):
    picture = np.broadcast_to(np.float32(0), shape)
    with pytest.raises(InputError, match="ST-LPIPS takes 32 pixels"):
        load_st_lpips(network_file)(picture, picture, data_range=1)


def test_other_files_are_refused(tmp_path):
    np.savez(tmp_path / "other.npz", weight=np.zeros(3))
    (tmp_path / "broken.npz").write_bytes(b"no archive")
    with pytest.raises(UnsuitableModel, match=r"no array 'scaling_layer.shift'"):
        load_st_lpips(tmp_path / "other.npz")
    for name in ("broken.npz", "missing.npz"):
        with pytest.raises(InputError, match="cannot read the network"):
            load_st_lpips(tmp_path / name)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x93NUMPY", None])
def test_what_is_no_archive_is_one_clear_error(network_file, content):
    # None: a file that was cut short.
    network_file.write_bytes(network_file.read_bytes()[:-200] if content is None else content)
    with pytest.raises(InputError, match=r"cannot read the network .*: it is no \.npz file, or only a part"):
        load_st_lpips(network_file)
