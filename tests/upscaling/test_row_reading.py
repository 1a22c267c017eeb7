"""Character error rates: edits by hand, and what Tesseract reads in drawn words."""

from __future__ import annotations

import json
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from srcli.cli.app import run
from srcli.pipeline.recovery.reading import count_edits

WORDS = "The quick brown fox jumps over the lazy dog"
needs_tesseract = pytest.mark.skipif(
    shutil.which("tesseract") is None, reason="no tesseract: apt-get install tesseract-ocr"
)


@pytest.mark.parametrize(
    ("found", "truth", "edits"),
    [
        ("", "", 0),
        ("", "abc", 3),
        ("abc", "", 3),
        ("kitten", "sitting", 3),
        ("flaw", "lawn", 2),
        ("abc", "abc", 0),
    ],
)
def test_edits_by_hand(found, truth, edits):
    assert count_edits(found, truth) == edits


@given(st.text("ab ", max_size=8), st.text("ab ", max_size=8), st.text("ab ", max_size=8))
def test_edits_are_a_distance(first, second, third):
    assert count_edits(first, second) == count_edits(second, first)
    assert count_edits(first, third) <= count_edits(first, second) + count_edits(second, third)


@pytest.fixture
def page(tmp_path):
    """A line of text, and what it says."""
    image = Image.new("RGB", (641, 63), "white")
    ImageDraw.Draw(image).text((14, 14), WORDS, "black", ImageFont.load_default(26))
    image.save(tmp_path / "page.png")
    (tmp_path / "page.txt").write_text(WORDS.replace(" over ", " over\n"), encoding="utf-8")
    return tmp_path / "page.png"


def evaluate(page, *words):
    words = ["evaluate", "--hr", page, "-s", 3, "-m", "bicubic", "-m", "nearest", "--ocr", *words]
    return run([*map(str, words), "--no-interpolations"])


@needs_tesseract
def test_originals_are_read_and_results_less_so(page, capsys):
    assert evaluate(page, "--json") == 0
    outcome = json.loads(capsys.readouterr().out)
    rates = {kind["kind"]: kind["cer"] for kind in outcome["kinds"]}
    assert list(rates) == ["original", "low", "bicubic", "nearest"]
    assert outcome["characters"] == len(WORDS)
    assert rates["original"] < 0.1
    assert rates["original"] <= rates["bicubic"] < rates["low"]


@needs_tesseract
def test_the_table(page, capsys):
    assert evaluate(page) == 0
    out = capsys.readouterr().out
    assert "read right" in out
    assert f"1 picture, {len(WORDS)} characters (eng), x3" in out


@needs_tesseract
def test_a_language_that_is_not_there(page, capsys):
    assert evaluate(page, "--ocr-language", "xyz") == 3
    assert "does not know the language 'xyz'" in capsys.readouterr().err


@needs_tesseract
@pytest.mark.parametrize("text", [None, "", "  "])
def test_every_picture_needs_its_text(page, capsys, text):
    page.with_suffix(".txt").unlink()
    if text is not None:
        page.with_suffix(".txt").write_text(text)
    assert evaluate(page) == 1
    assert "the text" in capsys.readouterr().err


def test_without_tesseract(page, capsys, monkeypatch):
    monkeypatch.setenv("PATH", str(page.parent))
    assert evaluate(page) == 3
    captured = capsys.readouterr()
    assert "needs Tesseract, and there is none" in captured.err
    assert "apt-get install tesseract-ocr" in captured.err


def test_words_that_do_not_go_together(page, capsys):
    assert evaluate(page, "--csv") == 2
    assert evaluate(page, "--classifier", "net.onnx") == 2
    assert "choose one" in capsys.readouterr().err
