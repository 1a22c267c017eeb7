"""How far a change is felt."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from srcli.engine.probing.probe import probe_basics
from srcli.engine.probing.receptive_field import Influence, measure_influence
from tests import tiny_models
from tests.tiny_models import DEEP_REACH


def fading(weights):
    """Nearest neighbour at x2 plus what a pixel's neighbours to the right add, by distance."""

    def run(batch):
        wide = np.pad(batch, ((0, 0), (0, 0), (0, 0), (0, len(weights))))
        width = batch.shape[3]
        sums = sum(
            weight * wide[:, :, :, distance : distance + width]
            for distance, weight in enumerate(weights, start=1)
        )
        return (batch + sums).repeat(2, axis=2).repeat(2, axis=3).astype(np.float32)

    return run


@pytest.fixture
def traits(tmp_path):
    """Those of a generator whose graph tells nothing."""
    return dataclasses.replace(probe_basics(tiny_models.deep(tmp_path / "deep.onnx")), bound=None)


def test_reach_and_falloff(traits):
    found = measure_influence(fading([0.1, 0, 0.01]), traits, 1e12)
    assert found.receptive_field == 3
    assert found.falloff[0] == pytest.approx(0.11, abs=0.011)
    assert found.falloff[2] == pytest.approx(0.01, abs=0.001)
    assert set(found.falloff[3:]) == {0}
    assert [found.overlap_within(limit) for limit in (0.5, 0.05, 0.001)] == [0, 1, 3]


def test_a_reach_without_end(traits):
    def run(batch):
        return (batch + 0.1 * batch.mean()).repeat(2, axis=2).repeat(2, axis=3)

    found = measure_influence(run, traits, 1e12)
    assert found.receptive_field is None
    assert found.overlap_within(1e-9) is None


def test_no_larger_picture_is_tried_where_a_change_does_not_fade(traits):
    sizes = set()

    def run(batch):
        sizes.add(batch.shape[2:])
        turned = np.roll(batch, batch.shape[3] // 2, axis=3)
        return (batch + 0.1 * turned + 0.1 * batch.mean()).repeat(2, axis=2).repeat(2, axis=3)

    assert measure_influence(run, traits, 1e12).receptive_field is None
    assert sizes == {(48, 48), (96, 96)}


@pytest.mark.parametrize(
    ("falloff", "everywhere"),
    [((1.0,) * 48, True), ((1.0,) * 24, False), ((1.0,) * 36 + (0.2,) * 12, False), ((1e-3,) * 48, False)],
)
def test_felt_everywhere(falloff, everywhere):
    assert Influence(None, falloff).felt_everywhere is everywhere


def test_one_picture_shows_what_sees_the_whole(traits):
    sizes = set()

    def run(batch):
        sizes.add(batch.shape[2:])
        return (batch + 0.1 * batch.mean()).repeat(2, axis=2).repeat(2, axis=3)

    found = measure_influence(run, dataclasses.replace(traits, whole=True), 1e12)
    assert found.receptive_field is None
    assert found.overlap_within(1e-9) is None
    assert sizes == {(96, 96)}


def test_what_costs_too_much_is_not_probed(traits):
    assert measure_influence(fading([0.1]), traits, 0) is None


def test_what_is_no_number_is_felt():
    assert Influence(None, (0.0, float("nan"), 0.0)).overlap_within(0.5) == 2


def test_a_change_is_felt_as_far_as_convolutions_reach(tmp_path):
    from srcli.engine.inference import ort_session
    from srcli.engine.inference.batches import infer

    path = tiny_models.deep(tmp_path / "deep.onnx")
    traits, session = probe_basics(path), ort_session.create(path, ort_session.CPU)
    assert traits.receptive_field is None
    found = measure_influence(lambda batch: infer(session, batch, traits), traits, 1e12)
    assert found.receptive_field == DEEP_REACH
    assert found.overlap_within(0) == DEEP_REACH


def test_what_noise_does_not_show(traits):
    """A network that answers to bright places, of which noise has none, with a change everywhere."""

    def run(batch):
        places = np.lib.stride_tricks.sliding_window_view(batch[:, 0], (7, 7), axis=(1, 2))
        bright = (places.min(axis=(3, 4)) > 0.6).mean(dtype=np.float32)
        return (batch + bright).repeat(2, axis=2).repeat(2, axis=3)

    found = measure_influence(run, traits, 1e12)
    assert (found.receptive_field, found.overlap_within(0.001)) == (None, None)


def test_costly_networks_are_measured_in_strips_no_longer_than_tiles_need(traits):
    shapes = []

    def run(batch):
        shapes.append(batch.shape[2:])
        return fading([0.1, 0.1] + [1e-5] * 90)(batch)

    heavy = dataclasses.replace(traits, parameters=10**7)
    found = measure_influence(run, heavy, 2e11)
    assert (found.receptive_field, found.overlap_within(0.01)) == (None, 2)
    assert shapes == [(24, 176)] * 2 + [(176, 24)] * 2


@pytest.mark.parametrize("axis", [2, 3])
@pytest.mark.parametrize("mirrored", [False, True])
def test_strips_show_changes_from_all_sides(traits, axis, mirrored):
    def turned(batch):
        batch = batch if axis == 3 else batch.transpose(0, 1, 3, 2)
        return batch[:, :, :, ::-1] if mirrored else batch

    heavy = dataclasses.replace(traits, parameters=10**7)
    found = measure_influence(lambda batch: turned(fading([0.1, 0, 0.01])(turned(batch))), heavy, 2e11)
    assert (found.receptive_field, len(found.falloff)) == (3, 64)


def test_strips_have_sides_that_the_network_takes(traits):
    picky = dataclasses.replace(traits, parameters=10**7, multiple=20, minimum=40)

    def run(batch):
        assert not any(side % 20 or side < 40 for side in batch.shape[2:])
        return fading([0.1, 0, 0.01])(batch)

    assert measure_influence(run, picky, 2e11).receptive_field == 3


def test_a_costly_network_is_not_measured_where_its_graph_tells_a_short_bound(traits):
    heavy = dataclasses.replace(traits, parameters=10**7, bound=9)
    assert measure_influence(fading([0.1]), heavy, 2e11) == Influence(9, ())


def test_a_far_bound_is_taken_where_measuring_finds_no_end(traits):
    deep = dataclasses.replace(traits, parameters=10**7, bound=300)
    found = measure_influence(fading([0.1, 0.1] + [1e-5] * 90), deep, 2e11)
    assert (found.receptive_field, found.overlap_within(0.01)) == (300, 2)


def test_no_larger_picture_is_tried_once_the_time_is_spent(traits):
    told = []
    found = measure_influence(fading([0.1] * 60), traits, 1e12, told.append, limit_s=0)
    assert found.receptive_field is None
    assert told == ["looking how far changes are felt in 48x48"]


def test_a_strip_in_which_a_change_is_felt_to_the_end_is_the_last(traits):
    runs = []

    def run(batch):
        runs.append(batch.shape)
        return fading([0.1] * 90)(batch)

    heavy = dataclasses.replace(traits, parameters=10**7)
    found = measure_influence(run, heavy, 2e11)
    assert (found.receptive_field, found.overlap_within(0.01), len(runs)) == (None, None, 2)
