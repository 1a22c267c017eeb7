"""Pictures that are not tried, as it is known before that the run can't go well."""

from __future__ import annotations

import pytest

from srcli.core.child import Child, ChildLost
from srcli.core.errors import SizesInside, UnsuitableModel
from srcli.engine.inference import ort_session
from srcli.engine.probing import objections
from srcli.engine.probing.probe import probe_basics
from tests import tiny_models


@pytest.fixture
def runs(monkeypatch):
    """The shapes that onnxruntime runs; no other process may die."""
    shapes, run, call = [], ort_session.run, Child.call

    def noted(session, batch, *arguments):
        shapes.append(batch.shape)
        return run(session, batch, *arguments)

    def survived(child, *arguments, **options):
        try:
            return call(child, *arguments, **options)
        except ChildLost as lost:
            pytest.fail(f"a process {lost}")

    monkeypatch.setattr(ort_session, "run", noted)
    monkeypatch.setattr(Child, "call", survived)
    return shapes


@pytest.mark.parametrize(("poolings", "least"), [(1, 16), (2, 48)])
def test_pictures_of_which_nothing_is_left_are_not_tried(tmp_path, runs, poolings, least):
    # In this process, which would die of it.
    path = tiny_models.attention(tmp_path / "attention.onnx", poolings=poolings)
    assert probe_basics(path).minimum == least
    assert min(min(shape[2:]) for shape in runs) >= least


def test_nothing_is_left_at_any_size(tmp_path, runs):
    path = tiny_models.attention(tmp_path / "attention.onnx", poolings=5)
    with pytest.raises(
        UnsuitableModel, match=r"attention\.onnx is no generator .* leaves an empty map of one"
    ):
        probe_basics(path)
    assert not runs


def test_sizes_inside_are_told_without_a_run(tmp_path, runs):
    path = tiny_models.size_inside(tmp_path / "inside.onnx", declared=False, side=63)
    with pytest.raises(SizesInside, match=r"inside\.onnx has sizes written into its graph: Reshape"):
        probe_basics(path)
    assert not runs


def test_what_takes_more_memory_than_is_free_is_not_run(tmp_path, runs, monkeypatch):
    path = tiny_models.fixed_size(tmp_path / "fixed.onnx", scale=4, height=40, width=48)
    monkeypatch.setattr(objections, "available_memory_bytes", lambda: 10_000)
    with pytest.raises(
        UnsuitableModel, match=r"takes 0\.0 GB or more in a picture of 48x40, and 0\.0 GB are free"
    ):
        probe_basics(path)
    assert not runs
