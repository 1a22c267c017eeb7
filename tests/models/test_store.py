"""Finding generators on disk."""

from __future__ import annotations

import dataclasses
import json
import sys

import pytest

from srcli.core.card import Provenance, Variant, read_card, write_card
from srcli.core.errors import DamagedModel, UnknownModel
from srcli.models.folders import shipped_folder, user_folder
from srcli.models.store import DEFAULT_MODEL, ModelStore, default_store
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


def test_a_card_without_its_file_is_left_out(folder):
    (folder / "plain-x2.onnx").unlink()
    store = ModelStore([folder])
    assert names(store) == [("fast", 2), ("fast", 4)]
    assert [card.path.name for card in store.broken] == ["plain-x2.json"]
    for look_up in (lambda: store.find("plain", 2), lambda: store.scales("plain")):
        with pytest.raises(DamagedModel, match=r"whose file plain-x2\.onnx is missing") as caught:
            look_up()
        assert caught.value.hint == "srcli models remove plain"


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "null",
        "\0",
        "[" * 10**5,
        '{"name": "plain"}',
        '{"name": "plain", "unknown": 1}',
    ],
)
def test_a_broken_card_is_left_out(text, folder):
    (folder / "plain-x2.json").write_text(text)
    store = ModelStore([folder])
    assert names(store) == [("fast", 2), ("fast", 4)]
    with pytest.raises(DamagedModel, match="cannot read the model card"):
        store.find("plain", 2)
    assert store.find("fast", 4).card.name == "fast"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", 5),
        ("scale", 0),
        ("scale", "2"),
        ("scale", True),
        ("overlap", -1),
        ("receptive_field", 1.5),
        ("variants", {"fp16": {"file": "../other.onnx", "sha256": ""}}),
        ("variants", {"fp16": {"file": 3, "sha256": ""}}),
        ("variants", {"fp16": {"file": "a\0b.onnx", "sha256": ""}}),
        ("training", {"data": "x"}),
        ("training", 5),
        ("quality", [{"benchmark": "Set5", "psnr_db": "31"}]),
        ("whole", "yes"),
        ("provenance", {"form": "onnx", "color": "red"}),
    ],
)
def test_a_card_with_values_of_other_kinds_is_broken(key, value, folder):
    card = dataclasses.asdict(read_card(folder / "plain-x2.json"))
    (folder / "plain-x2.json").write_text(json.dumps(card | {key: value}))
    with pytest.raises(DamagedModel, match="cannot read the model card"):
        ModelStore([folder]).find("plain", 2)


def test_a_card_keeps_where_a_generator_came_from(folder):
    card = read_card(folder / "plain-x2.json")
    origin = Provenance("pytorch", "plain.pth", "ab", "PyTorch 2", 0.5, 1.0, None)
    write_card(dataclasses.replace(card, provenance=origin, receptive_field=None), folder / "plain-x2.json")
    again = read_card(folder / "plain-x2.json")
    assert (again.provenance, again.receptive_field, again.rim) == (origin, None, card.overlap)


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


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the folder by the rules of XDG")
def test_the_users_folder_by_xdg(monkeypatch, tmp_path):
    monkeypatch.delenv("SRCLI_MODELS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert user_folder() == tmp_path / "srcli" / "models"
    for ignored in ("", "relative"):
        monkeypatch.setenv("XDG_DATA_HOME", ignored)
        monkeypatch.setenv("HOME", str(tmp_path))
        assert user_folder() == tmp_path / ".local" / "share" / "srcli" / "models"


def test_the_shipped_folder_holds_the_default(monkeypatch):
    monkeypatch.delenv("SRCLI_MODELS", raising=False)
    if not list(shipped_folder().glob("*.onnx")):
        pytest.skip("weights/ holds no generators yet")
    assert default_store().scales(DEFAULT_MODEL)
