"""Files with a card that nobody has opened on this machine yet: another process tries them."""

from __future__ import annotations

import pytest

from srcli.core.card import read_card
from srcli.core.child import Child
from srcli.core.errors import DamagedModel, UnsuitableModel
from srcli.engine.probing import first_opening
from srcli.engine.probing.first_opening import survive_first_opening
from srcli.models.folders import shipped_folder
from srcli.upscaling.generator import load_generator
from tests import tiny_models


@pytest.fixture
def calls(tmp_path, monkeypatch):
    """What was tried in another process, from an empty cache on."""
    monkeypatch.setenv("SRCLI_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(first_opening, "_survived", set())
    tried, call = [], Child.call

    def counted(child, function, model, *arguments, **options):
        tried.append(model)
        return call(child, function, model, *arguments, **options)

    monkeypatch.setattr(Child, "call", counted)
    return tried


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A generator with a card in the user's folder."""
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setenv("SRCLI_MODELS", str(folder))
    tiny_models.install(folder, name="tiny", scale=2)
    return folder / "tiny-x2.onnx"


def opened(name="tiny"):
    with load_generator(name, scale=2, device="cpu") as generator:
        return generator.session


def test_it_is_tried_once_for_each_content(calls, installed, monkeypatch):
    opened()
    monkeypatch.setattr(first_opening, "_survived", set())
    opened()
    assert calls == [installed]
    tiny_models.deep(installed, 2, seed=1)
    survive_first_opening(installed, None)
    assert calls == [installed] * 2


def test_what_is_shipped_is_not_tried(calls):
    opened("plain")
    assert not calls
    assert shipped_folder().is_dir()


def test_a_carded_graph_that_always_kills_is_an_error_that_names_it_each_time(calls, installed):
    tiny_models.attention(installed, poolings=5, hidden=True)
    card = read_card(installed.with_suffix(".json"))
    for _ in range(2):
        with pytest.raises(UnsuitableModel, match=r"tiny-x2\.onnx: the process that tried it was killed"):
            survive_first_opening(installed, card)
    assert len(calls) == 2


def test_other_faults_are_left_to_the_opening_itself(calls, installed):
    installed.write_bytes(b"no graph")
    survive_first_opening(installed, None)
    with pytest.raises(DamagedModel):
        opened()


def test_a_cache_that_cannot_be_written_to_costs_time_only(calls, installed, tmp_path, monkeypatch):
    (tmp_path / "cache").write_text("in the way")
    opened()
    assert calls == [installed]
