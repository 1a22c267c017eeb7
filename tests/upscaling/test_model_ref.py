"""What words name models."""

from __future__ import annotations

import pytest

from srcli.core.errors import UnknownModel, UsageError
from srcli.upscaling.model_ref import ModelRef, refs_in
from tests import tiny_models


@pytest.fixture(autouse=True)
def models(tmp_path, monkeypatch):
    """``tiny`` at x2 and x4, installed."""
    folder = tmp_path / "models"
    folder.mkdir()
    for scale in (2, 4):
        tiny_models.install(folder, name="tiny", scale=scale)
    monkeypatch.setenv("SRCLI_MODELS", str(folder))


@pytest.mark.parametrize(
    ("word", "automatic", "interpolation", "label"),
    [
        ("auto", True, False, "auto"),
        ("bicubic", False, True, "bicubic"),
        ("tiny", False, False, "tiny"),
        ("folder/mine.onnx", False, False, "mine"),
    ],
)
def test_words_are_told_apart(word, automatic, interpolation, label):
    ref = ModelRef(word)
    assert (ref.is_automatic, ref.is_interpolation, ref.label) == (automatic, interpolation, label)
    assert (ref.file is not None) == word.endswith(".onnx")


def test_an_installed_generator_is_found_at_a_scale():
    assert [ModelRef("tiny").find(scale).card.scale for scale in (2, 4, None)] == [2, 4, 4]
    assert [found.card.scale for found in ModelRef("tiny").find_all()] == [2, 4]


def test_a_file_has_one_scale(tmp_path):
    ref = ModelRef(str(tiny_models.deep(tmp_path / "mine.onnx", 3)))
    assert [found.card.scale for found in ref.find_all()] == [3]
    with pytest.raises(UsageError, match=r"mine\.onnx enlarges 3 times, not 2 times"):
        ref.find(2)


def test_an_interpolation_has_no_generators():
    assert ModelRef("lanczos").find_all() == []


@pytest.mark.parametrize("word", ["unheard-of", "missing.onnx"])
def test_what_is_not_there_is_told(word):
    with pytest.raises(UnknownModel):
        ModelRef(word).find_all()


def test_words_in_a_row_and_a_file_whose_name_has_a_comma(tmp_path, monkeypatch):
    assert [ref.word for ref in refs_in("tiny, mine.onnx,bicubic")] == ["tiny", "mine.onnx", "bicubic"]
    monkeypatch.chdir(tmp_path)
    tiny_models.deep(tmp_path / "a,b.onnx")
    assert [ref.word for ref in refs_in("a,b.onnx")] == ["a,b.onnx"]


def test_the_only_scale_is_the_usual_one(tmp_path):
    tiny_models.install(tmp_path / "models", name="repair", scale=1)
    assert ModelRef("repair").find().card.scale == 1
