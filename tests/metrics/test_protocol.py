"""Luma, the protocol, and the list of metrics."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest
from skimage.color import rgb2ycbcr

from srcli.core.errors import InputError, UsageError
from srcli.metrics.luma import rgb_to_luma
from srcli.metrics.protocol import Protocol, measure
from srcli.metrics.psnr import psnr
from srcli.metrics.registry import DEFAULT_METRICS, METRICS, find_metric


@pytest.fixture
def picture():
    return np.random.default_rng(11).random((24, 19, 3), dtype=np.float32)


def test_luma_agrees_with_scikit_image(picture):
    expected = rgb2ycbcr(picture.astype(float))[:, :, :1] / 255
    np.testing.assert_allclose(rgb_to_luma(picture), expected, atol=1e-6)


@pytest.mark.parametrize(("grey", "level"), [(0.0, 16), (1.0, 235)])
def test_luma_spans_the_studio_range(grey, level):
    luma = rgb_to_luma(np.full((1, 2, 3), grey, np.float32))
    np.testing.assert_allclose(luma, level / 255, rtol=1e-6)


def test_rounded_luma_is_whole_levels(picture):
    levels = rgb_to_luma(picture, round_levels=True) * 255
    np.testing.assert_allclose(levels, np.rint(levels), atol=1e-4)
    np.testing.assert_allclose(levels, rgb_to_luma(picture) * 255, atol=0.501)


def test_protocol_names_itself():
    assert str(Protocol("y", shave=4)) == "luma (BT.601), shave 4, 8 bit"
    assert str(Protocol("rgb", depth=16)) == "RGB, shave 0, 16 bit"


def test_result_is_clipped_and_rounded_before_it_is_measured(picture):
    levels = np.rint(picture * 255) / np.float32(255)
    assert measure(levels + 0.4 / 255, levels, Protocol("rgb"))["psnr"] == math.inf
    white = np.ones((12, 12, 3), np.float32)
    assert measure(white + 3, white, Protocol("rgb"))["psnr"] == math.inf


def test_sixteen_bit_sees_what_eight_bit_rounds_away(picture):
    levels = np.rint(picture * 255) / np.float32(255)
    figures = measure(np.minimum(levels + 0.4 / 255, 1), levels, Protocol("rgb", depth=16), ["rmse"])
    assert figures["rmse"] == pytest.approx(0.4, abs=0.01)


def test_memory_is_a_few_copies_of_the_picture():
    planes = np.zeros((1500, 2000, 3), np.float32)
    tracemalloc.start()
    measure(planes, planes, Protocol("rgb"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * planes.nbytes


def test_shave_leaves_the_border_out(picture):
    spoilt = picture.copy()
    spoilt[:3] = spoilt[-3:] = 0
    spoilt[:, :3] = spoilt[:, -3:] = 1
    assert measure(spoilt, picture, Protocol("y", shave=3))["psnr"] == math.inf
    assert measure(spoilt, picture, Protocol("y", shave=2))["psnr"] < 40


def test_luma_is_measured_on_a_range_of_255(picture):
    levels = np.rint(picture * 255)
    darker = np.maximum(levels - 3, 0)
    luma = [rgb_to_luma(planes / 255) * 255 for planes in (darker, levels)]
    figures = measure(darker / 255, levels / 255, Protocol("y"))
    assert figures["psnr"] == pytest.approx(psnr(*luma, data_range=255), abs=1e-4)


def test_grey_is_measured_as_it_is(picture):
    grey = picture[:, :, :1]
    luma, rgb = (measure(grey * 0.9, grey, Protocol(channel)) for channel in ("y", "rgb"))
    assert luma == rgb


def test_figures_come_in_the_order_asked_for(picture):
    assert list(measure(picture, picture, Protocol(), ["mae", "psnr"])) == ["mae", "psnr"]
    assert tuple(measure(picture, picture, Protocol())) == DEFAULT_METRICS


@pytest.mark.parametrize("channels", [2, 4])
def test_other_channels_are_refused(channels):
    planes = np.zeros((12, 12, channels), np.float32)
    with pytest.raises(InputError, match=f"cannot measure 12x12 with {channels} channels"):
        measure(planes, planes, Protocol())


def test_shaving_everything_is_refused(picture):
    with pytest.raises(InputError, match="nothing is left of 19x24 with 3 channels after shaving 10"):
        measure(picture, picture, Protocol("y", shave=10))


def test_protocol_refuses_nonsense():
    with pytest.raises(UsageError, match="unknown channel 'Y'"):
        Protocol("Y")
    with pytest.raises(UsageError, match="cannot shave -1"):
        Protocol("y", shave=-1)


def test_metrics_are_found_by_name():
    assert [find_metric(metric.name) for metric in METRICS] == list(METRICS)
    with pytest.raises(UsageError, match="unknown metric 'lpips'"):
        find_metric("lpips")


@pytest.mark.parametrize(
    "metric", [metric for metric in METRICS if not metric.on_colour], ids=lambda metric: metric.name
)
def test_every_metric_knows_which_way_is_better(metric):
    rng = np.random.default_rng(5)
    reference = np.tile(np.linspace(0, 255, 170, dtype=np.float32)[:, None, None], (1, 170, 1))
    noise = rng.standard_normal(reference.shape, dtype=np.float32)
    near, far = (metric.measure(reference + s * noise, reference, data_range=255) for s in (2, 30))
    assert (near > far) == metric.higher_is_better
