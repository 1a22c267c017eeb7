"""Finding generators on disk."""

from __future__ import annotations

import dataclasses

import pytest

from srcli.core.card import Variant, read_card, write_card
from srcli.core.errors import DamagedModel, UnknownModel
from srcli.models.store import DEFAULT_MODEL, ModelStore, default_store, shipped_folder
from tests import tiny_models


@pytest.fixture
def folder(tmp_path):
    for name, scale in (("fast", 4), ("plain", 2), ("fast", 2)):
        tiny_models.install(tmp_path, name=name, scale=scale)
    return tmp_path


def names(store):
    return [(model.card.name, model.card.scale) for model in store.all()]


def test_all_generators_by_name_and_scale(folder):
    assert names(ModelStore([folder])) == [("fast", 2), ("fast", 4), ("plain", 2)]


def test_find(folder):
    model = ModelStore([folder]).find("fast", 4)
    assert model.path == folder / "fast-x4.onnx"
    assert model.card == read_card(folder / "fast-x4.json")


def test_a_name_that_is_not_there(folder):
    with pytest.raises(UnknownModel, match="there is no generator named 'fasst'") as caught:
        ModelStore([folder]).find("fasst", 2)
    assert caught.value.hint.startswith("did you mean fast? there are fast, plain")
    with pytest.raises(UnknownModel) as caught:
        ModelStore([folder]).find("zzz", 2)
    assert caught.value.hint.startswith("there are fast, plain")


def test_a_scale_that_is_not_there(folder):
    with pytest.raises(UnknownModel, match="fast has no x3 generator") as caught:
        ModelStore([folder]).find("fast", 3)
    assert caught.value.hint == "it has x2, x4"


def test_no_generators_at_all(tmp_path):
    store = ModelStore([tmp_path, tmp_path / "missing"])
    assert store.all() == []
    with pytest.raises(UnknownModel) as caught:
        store.find("fast", 2)
    assert caught.value.hint == f"no generators are installed in {tmp_path}, {tmp_path / 'missing'}"


def test_scales(folder):
    assert ModelStore([folder]).scales("fast") == (2, 4)
    with pytest.raises(UnknownModel):
        ModelStore([folder]).scales("photo")


def test_a_later_folder_counts_more(folder, tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    tiny_models.install(own, name="fast", scale=2)
    assert ModelStore([folder, own]).find("fast", 2).path == own / "fast-x2.onnx"
    assert len(ModelStore([folder, own]).all()) == 3


def test_a_card_without_its_file(folder):
    (folder / "plain-x2.onnx").unlink()
    with pytest.raises(DamagedModel, match=r"whose file plain-x2\.onnx is missing"):
        ModelStore([folder]).all()


def test_a_broken_card(folder):
    (folder / "plain-x2.json").write_text("{")
    with pytest.raises(DamagedModel, match="cannot read the model card"):
        ModelStore([folder]).all()


def test_files_at_other_precisions(folder):
    model = ModelStore([folder]).find("fast", 2)
    assert model.file_for("fp32") == model.path
    with pytest.raises(UnknownModel, match="fast x2 has no fp16 file") as caught:
        model.file_for("fp16")
    assert caught.value.hint == "--precision fp32"
    card = dataclasses.replace(model.card, variants={"fp16": Variant("fast-x2.fp16.onnx", "0")})
    write_card(card, folder / "fast-x2.json")
    assert ModelStore([folder]).find("fast", 2).file_for("fp16") == folder / "fast-x2.fp16.onnx"


def test_the_users_own_folder(folder, monkeypatch):
    monkeypatch.setenv("SRCLI_MODELS", str(folder))
    store = default_store()
    assert store.folders == (shipped_folder(), folder)
    assert store.find("plain", 2).path.parent == folder


def test_the_shipped_folder_holds_the_default(monkeypatch):
    monkeypatch.delenv("SRCLI_MODELS", raising=False)
    if not list(shipped_folder().glob("*.onnx")):
        pytest.skip("weights/ holds no generators yet")
    assert default_store().scales(DEFAULT_MODEL)
