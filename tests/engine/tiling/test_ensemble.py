"""Self-ensemble: the mean of what a generator makes of a picture in several orientations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from srcli.core.arrays import to_batch
from srcli.core.errors import UsageError
from srcli.core.geometry import Size
from srcli.core.rows import rows_of, whole
from srcli.engine.inference import ort_session
from srcli.engine.sessions.session import open_session
from srcli.engine.tiling.ensemble import MEDIAN, SIZES, Ensemble
from srcli.engine.tiling.tiled import TiledRun
from tests import tiny_models

ORIENTATIONS = [(transposed, flipped) for transposed in (False, True) for flipped in ((), (0,), (1,), (0, 1))]


def turned(picture, transposed, flipped):
    picture = picture.swapaxes(0, 1) if transposed else picture
    return np.flip(picture, flipped) if flipped else picture


def turned_back(picture, transposed, flipped):
    picture = np.flip(picture, flipped) if flipped else picture
    return picture.swapaxes(0, 1) if transposed else picture


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    return open_session(tiny_models.deep(tmp_path_factory.mktemp("models") / "tiny.onnx"), ort_session.CPU)


def noise(height=41, width=30, seed=0):
    return np.random.default_rng(seed).random((height, width, 3), dtype=np.float32)


def enlarge(picture, session, ensemble):
    run = TiledRun(
        rows_of(picture), session, window=Size(32, 32), overlap=6, explicit=False, ensemble=ensemble
    )
    return whole(run.rows)


def one_by_one(picture, session, size):
    """What the session makes of the whole picture in each orientation, straightened."""
    chosen = [(False, ()), (False, (1,)), (False, (0,)), (False, (0, 1))][:size]
    chosen = ORIENTATIONS if size == 8 else chosen
    return [
        turned_back(session.run(to_batch(turned(picture, *way)))[0].transpose(1, 2, 0), *way)
        for way in chosen
    ]


@pytest.mark.parametrize("size", SIZES)
def test_the_mean_of_all_orientations(session, size):
    expected = np.clip(np.mean(one_by_one(noise(), session, size), axis=0), 0, 1)
    np.testing.assert_allclose(enlarge(noise(), session, Ensemble(size)), expected, atol=1e-5)


@pytest.mark.parametrize("size", [2, 4, 8])
def test_the_median_of_all_orientations(session, size):
    expected = np.clip(np.median(one_by_one(noise(), session, size), axis=0), 0, 1)
    np.testing.assert_allclose(enlarge(noise(), session, Ensemble(size, MEDIAN)), expected, atol=1e-5)


@settings(max_examples=12, deadline=None)
@given(
    height=st.integers(1, 70),
    width=st.integers(1, 70),
    way=st.sampled_from(ORIENTATIONS),
    by=st.sampled_from(["mean", MEDIAN]),
)
def test_an_ensemble_of_eight_does_not_care_how_a_picture_lies(session, height, width, way, by):
    picture, ensemble = noise(height, width), Ensemble(8, by)
    straight = enlarge(picture, session, ensemble)
    lying = enlarge(np.ascontiguousarray(turned(picture, *way)), session, ensemble)
    np.testing.assert_allclose(turned_back(lying, *way), straight, atol=1e-5)


def test_without_an_ensemble_it_does_care(session):
    picture = noise()
    lying = enlarge(np.ascontiguousarray(turned(picture, True, ())), session, Ensemble())
    assert np.abs(turned_back(lying, True, ()) - enlarge(picture, session, Ensemble())).max() > 1e-3


def test_progress_and_report_count_windows_once(session):
    told = []
    run = TiledRun(
        rows_of(noise()),
        session,
        window=Size(32, 32),
        overlap=6,
        explicit=False,
        progress=lambda done, total: told.append((done, total)),
        ensemble=Ensemble(4),
    )
    whole(run.rows)
    assert told == [(index, run.tiles) for index in range(1, run.tiles + 1)]


def test_a_generator_of_one_size_is_not_laid_down(tmp_path):
    session = open_session(tiny_models.fixed_size(tmp_path / "tiny.onnx"), ort_session.CPU)
    with pytest.raises(UsageError, match="48x40 only, and not lying down"):
        enlarge(noise(), session, Ensemble(8))
    expected = np.clip(np.mean(one_by_one(noise(40, 48), session, 4), axis=0), 0, 1)
    np.testing.assert_allclose(enlarge(noise(40, 48), session, Ensemble(4)), expected, atol=1e-5)


@pytest.mark.parametrize(("size", "by"), [(0, "mean"), (3, "mean"), (16, "mean"), (8, "mode")])
def test_other_ensembles_make_no_sense(size, by):
    with pytest.raises(UsageError):
        Ensemble(size, by)
