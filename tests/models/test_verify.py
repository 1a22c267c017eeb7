"""Comparing model files with their cards."""

from __future__ import annotations

import dataclasses
import hashlib

import pytest

from srcli.core.card import Variant
from srcli.core.errors import DamagedModel
from srcli.models.folders import shipped_folder
from srcli.models.store import InstalledModel, ModelStore, default_store
from srcli.models.verify import repair_hint, sha256_of, verify
from tests import tiny_models


@pytest.fixture
def model(tmp_path):
    tiny_models.install(tmp_path, name="fast", scale=2)
    return ModelStore([tmp_path]).find("fast", 2)


def test_the_hash_is_sha256(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    # The example of FIPS 180-2, appendix B.1.
    assert sha256_of(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(DamagedModel, match="cannot read"):
        sha256_of(tmp_path / "none")


def test_a_sound_generator(model):
    verify(model)


def test_one_changed_byte(model):
    content = bytearray(model.path.read_bytes())
    content[len(content) // 2] ^= 1
    model.path.write_bytes(content)
    with pytest.raises(DamagedModel, match=r"fast-x2\.onnx is damaged") as caught:
        verify(model)
    assert caught.value.hint is None
    assert caught.value.exit_code == 4


def test_what_helps_depends_on_where_the_file_lies(model, monkeypatch):
    assert (
        repair_hint(shipped_folder() / "fast-x2.onnx")
        == "pip install --force-reinstall . in a copy of srcli's repository"
    )
    monkeypatch.setenv("SRCLI_MODELS", str(model.path.parent))
    assert repair_hint(model.path) == "srcli models remove fast, then import it again"


def test_a_damaged_variant(model):
    model.path.with_name("fast-x2.fp16.onnx").write_bytes(b"other")
    variant = Variant("fast-x2.fp16.onnx", hashlib.sha256(b"half").hexdigest())
    card = dataclasses.replace(model.card, variants={"fp16": variant})
    with pytest.raises(DamagedModel, match=r"fast-x2\.fp16\.onnx is damaged"):
        verify(InstalledModel(card, model.path))


def test_the_shipped_generators_are_sound(monkeypatch):
    monkeypatch.delenv("SRCLI_MODELS", raising=False)
    for model in default_store().all():
        verify(model)
