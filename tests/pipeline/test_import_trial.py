"""What trying a generator out costs: how often it is opened, and on which sizes it runs."""

from __future__ import annotations

import dataclasses

import pytest

from srcli.engine.inference import ort_session
from srcli.pipeline.importing.trial import measure_tiling, open_trial
from srcli.upscaling.seams import measure_seams
from tests import tiny_models
from tests.tiny_models import DEEP_REACH


@pytest.fixture
def opened(monkeypatch):
    """The files that were opened on the CPU."""
    files, create = [], ort_session.create

    def note(model, *arguments, **options):
        files.append(model)
        return create(model, *arguments, **options)

    monkeypatch.setattr(ort_session, "create", note)
    return files


def test_a_generator_is_opened_once(tmp_path, opened):
    path = tiny_models.deep(tmp_path / "deep.onnx")
    session = open_trial(path, 1.0)
    assert session.traits.scale == 2
    assert opened == [path]


def test_seams_of_a_costly_generator_are_measured_on_strips(tmp_path):
    session = open_trial(tiny_models.deep(tmp_path / "deep.onnx"), 1.0)
    session.traits = dataclasses.replace(session.traits, parameters=10**7)
    sizes, run = [], session.run

    def note(batch):
        sizes.append(batch.shape[2:])
        return run(batch)

    session.run = note
    assert measure_seams(session, 40).levels == pytest.approx(0, abs=1e-3)
    assert measure_seams(session, DEEP_REACH // 2).levels > 0.1
    assert {height for height, _ in sizes} == {25}
    assert max(width for _, width in sizes) < 100


@pytest.mark.parametrize(("parameters", "overlap"), [(10**7, 64), (10**12, 32)])
def test_tiles_of_what_looks_farther_than_is_measured_overlap_by_what_they_can_afford(
    parameters, overlap, tmp_path
):
    session = open_trial(tiny_models.deep(tmp_path / "deep.onnx"), 1.0)
    session.traits = dataclasses.replace(session.traits, parameters=parameters, bound=None)
    run = session.run
    session.run = lambda batch: run(batch) + 0.1 * batch[0, 0, 0, 0]
    assert measure_tiling(session, lambda _: None).overlap == overlap
