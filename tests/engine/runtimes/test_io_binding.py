"""Bound buffers compute what unbound ones do, on the CPU in place of a GPU."""

from __future__ import annotations

import numpy as np
import pytest

from srcli.core.errors import UnsuitableModel
from srcli.engine.inference import ort_session
from srcli.engine.runtimes.io_binding import KEPT_SHAPES, IoBindingSession
from tests import tiny_models


@pytest.fixture
def sessions(tmp_path):
    bare = ort_session.create(tiny_models.deep(tmp_path / "deep.onnx"), ort_session.CPU)
    return bare, IoBindingSession(bare, "cpu")


def noise(seed, *shape):
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


def test_results_are_the_same_and_outlive_the_next_run(sessions):
    bare, bound = sessions
    windows = [noise(seed, 1, 3, 21, 30) for seed in range(3)]
    results = [ort_session.run(bound, window) for window in windows]
    for window, result in zip(windows, results, strict=True):
        np.testing.assert_array_equal(result, ort_session.run(bare, window))


def test_every_shape_has_buffers_of_its_own(sessions):
    bare, bound = sessions
    shapes = [(2, 3, 9 + side, 14) for side in range(KEPT_SHAPES + 2)]
    for seed, shape in enumerate([*shapes, *reversed(shapes)]):
        window = noise(seed, *shape)
        np.testing.assert_array_equal(ort_session.run(bound, window), ort_session.run(bare, window))


def test_it_tells_what_the_session_tells(sessions):
    bare, bound = sessions
    assert bound.get_providers() == bare.get_providers()
    assert bound.get_inputs()[0].name == "input"
    assert bound.get_outputs()[0].name == "output"


def test_windows_that_are_no_contiguous_arrays(sessions):
    bare, bound = sessions
    window = noise(0, 1, 3, 20, 44)[:, ::-1, :, ::2]
    np.testing.assert_array_equal(ort_session.run(bound, window), ort_session.run(bare, window))


def test_errors_are_translated(sessions):
    _, bound = sessions
    with pytest.raises(UnsuitableModel, match="fails on an input of shape"):
        ort_session.run(bound, noise(0, 1, 4, 9, 9))


def test_graphs_are_numbered_by_shape(tmp_path, monkeypatch):
    numbers = []
    bare = ort_session.create(tiny_models.deep(tmp_path / "deep.onnx"), ort_session.CPU)

    class Watched:
        def __getattr__(self, name):
            return getattr(bare, name)

        def run_with_iobinding(self, binding, options):
            numbers.append(options.get_run_config_entry("gpu_graph_id"))
            bare.run_with_iobinding(binding, options)

    bound = IoBindingSession(Watched(), "cpu", graphs=True)
    for side in (8, 9, 8, 10, 11, 12, 12, 9, 11):
        ort_session.run(bound, noise(0, 1, 3, side, 8))
    # The first run of a shape finds its output's size, outside of any graph. By the fifth shape all graphs
    # are taken, and the buffers of the shape that was not used for longest are given up, with their graph.
    expected = ["-1", "-1", "1", "-1", "-1", "-1", "-1", "-1", "4"]
    assert numbers == expected


def test_a_rerun_computes_anew_what_lies_in_the_buffers(sessions):
    _, bound = sessions
    window = noise(0, 1, 3, 12, 16)
    first = ort_session.run(bound, window)
    bound.rerun((1, 3, 12, 16), np.float32)
    np.testing.assert_array_equal(ort_session.run(bound, window), first)
    with pytest.raises(KeyError):
        bound.rerun((1, 3, 12, 17), np.float32)


def test_a_failure_gives_all_buffers_back(sessions):
    bare, bound = sessions
    ort_session.run(bound, noise(0, 1, 3, 9, 9))
    with pytest.raises(UnsuitableModel):
        ort_session.run(bound, noise(0, 1, 4, 9, 9))
    with pytest.raises(KeyError):
        bound.rerun((1, 3, 9, 9), np.float32)
    window = noise(1, 1, 3, 9, 9)
    np.testing.assert_array_equal(ort_session.run(bound, window), ort_session.run(bare, window))
