"""What words name models."""

from __future__ import annotations

import pytest

from srcli.core.errors import UnknownModel, UsageError
from srcli.upscaling.model_ref import ModelRef
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
