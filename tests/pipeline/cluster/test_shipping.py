"""Generators on their way to other machines, and whether those see the same folders."""

from __future__ import annotations

import os

import pytest

from srcli.core.errors import DamagedModel
from srcli.core.files import remove_leftovers
from srcli.pipeline.cluster import places
from srcli.pipeline.cluster.places import Place, marked, place_of
from srcli.pipeline.cluster.shipping import content_of, to_ship, unpack
from srcli.upscaling.generator import RunOptions
from srcli.upscaling.pool import GeneratorPool
from tests import tiny_models


@pytest.fixture
def parcel(tmp_path, monkeypatch):
    """A generator as it is shipped, its content, and a machine that has neither it nor any cache."""
    (tmp_path / "models").mkdir()
    monkeypatch.setenv("SRCLI_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("SRCLI_CACHE", str(tmp_path / "cache" / "compiled"))
    tiny_models.install(tmp_path / "models", name="tiny", scale=2)
    ((shipped, model),) = to_ship(GeneratorPool("tiny", "cpu", RunOptions()))
    content = content_of(model, shipped)
    monkeypatch.setenv("SRCLI_MODELS", str(tmp_path / "elsewhere"))
    return shipped, content, model


def never():
    raise AssertionError("it is there already")


def test_a_generator_comes_once(parcel):
    shipped, content, model = parcel
    found = unpack(shipped, lambda: content)
    assert found.path.read_bytes() == model.path.read_bytes()
    assert found.card == model.card
    assert unpack(shipped, never) == found


def test_an_installed_generator_is_taken_as_it_is(parcel, tmp_path, monkeypatch):
    shipped, _, model = parcel
    monkeypatch.setenv("SRCLI_MODELS", str(tmp_path / "models"))
    assert unpack(shipped, never).path == model.path


def test_one_of_the_same_name_and_other_weights_is_not_taken(parcel, tmp_path, monkeypatch):
    shipped, content, model = parcel
    (tmp_path / "other").mkdir()
    tiny_models.install(tmp_path / "other", name="tiny", scale=2, build=tiny_models.nearest)
    monkeypatch.setenv("SRCLI_MODELS", str(tmp_path / "other"))
    found = unpack(shipped, lambda: content)
    assert found.path.read_bytes() == model.path.read_bytes()


def test_what_was_damaged_here_comes_anew(parcel):
    shipped, content, model = parcel
    path = unpack(shipped, lambda: content).path
    path.write_bytes(b"damaged")
    assert unpack(shipped, lambda: content).path.read_bytes() == model.path.read_bytes()


def test_what_was_damaged_on_the_way_is_refused(parcel):
    shipped, content, _ = parcel
    with pytest.raises(DamagedModel, match="came with SHA-256"):
        unpack(shipped, lambda: dict.fromkeys(content, b"damaged"))


def test_a_run_of_a_file_needs_no_file_of_that_name_elsewhere(parcel, tmp_path):
    path = tiny_models.deep(tmp_path / "own.onnx")
    pool = GeneratorPool(str(path), "cpu", RunOptions())
    ((shipped, model),) = to_ship(pool)
    content = content_of(model, shipped)
    path.unlink()
    found = {shipped.name: [unpack(shipped, lambda: content)]}
    assert GeneratorPool(str(path), "cpu", RunOptions(), found).hashes == pool.hashes


def test_a_marked_folder_is_seen_by_who_sees_the_same_one(tmp_path):
    with marked([tmp_path / "not" / "yet" / "a.png"]) as found:
        place = place_of(tmp_path / "not" / "yet" / "a.png", found)
        assert place.is_seen()
        assert place.mark.parent == tmp_path
        assert not Place(place.mark, "another").is_seen()
        remove_leftovers(tmp_path)
        assert place.is_seen()
    assert not place.is_seen()
    assert list(tmp_path.iterdir()) == []


def test_folders_below_a_marked_one_need_no_mark(tmp_path):
    (tmp_path / "out" / "below").mkdir(parents=True)
    outputs = [tmp_path / "out" / "below" / "a.png", tmp_path / "out" / "b.png"]
    with marked(outputs) as found:
        assert set(found) == {tmp_path / "out"}
        assert place_of(outputs[0], found) == place_of(outputs[1], found)


def test_of_very_many_folders_the_one_above_is_marked(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "MOST_PLACES", 2)
    outputs = [tmp_path / name / "a.png" for name in "abc"]
    for output in outputs:
        output.parent.mkdir()
    with marked(outputs) as found:
        assert set(found) == {tmp_path}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_to_has_no_mark(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with marked([tmp_path / "a.png"]) as found:
            assert found == {}
    finally:
        tmp_path.chmod(0o700)
