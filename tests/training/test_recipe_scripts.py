"""The scripts among the recipes: bad input is one line and an exit code, as srcli has them."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from srcli.core.cancel import CancelToken
from srcli.training.run import train

RECIPES = Path(__file__).resolve().parents[2] / "recipes"


@pytest.fixture
def call(monkeypatch, tmp_path, capsys):
    """Runs a script within a folder; its exit code and what it said."""
    monkeypatch.syspath_prepend(str(RECIPES))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("no folder")
    for name in "ab":
        (tmp_path / "words" / name).mkdir(parents=True)
        (tmp_path / "words" / name / "a.png").write_text("no picture")
    (tmp_path / "small").mkdir()
    Image.new("RGB", (20, 20)).save(tmp_path / "small" / "a.png")

    def run(script, *words):
        monkeypatch.setattr(sys, "argv", [script, *words])
        return importlib.import_module(script).main(), capsys.readouterr().err

    return run


BAD = [
    ("mean_of_weights nowhere --and photo -o out", 1, "no checkpoint in nowhere"),
    ("mean_of_weights file --and photo -o out", 1, "no checkpoint in file"),
    ("mean_of_weights empty --and photo -o out --share 2", 2, "a share of 2"),
    ("mean_of_weights empty --and photo -o out --share nan", 2, "a share of nan"),
    ("degraded_crops nowhere -o out", 1, "no such folder of photographs: nowhere"),
    ("degraded_crops empty -o out", 1, "no photographs in empty"),
    ("degraded_crops words -o out", 1, "not a picture that srcli knows"),
    ("degraded_crops small -o out", 1, "smaller than a crop of 384 pixels"),
    ("degraded_crops small -o file --side 4", 1, "cannot use file: file exists"),
    ("degraded_crops small -o out --count 0", 2, "a count of 0 makes no sense"),
    ("degraded_crops small -o out --originals out --side 4", 2, "out can't take the originals too"),
    ("degraded_crops small -o out --originals file --side 4", 1, "cannot use file: file exists"),
    ("sharpen nowhere -o out", 1, "no PNG files in nowhere"),
    ("sharpen words/a -o out", 1, "cannot identify image file"),
    ("classifier nowhere -o c.onnx", 1, "nowhere has 0 folders of classes"),
    ("classifier words -o c.onnx", 1, "not a picture that srcli knows"),
    ("classifier words -o c.onnx --epochs 0", 2, "0 epochs teach nothing"),
    ("colourise train nowhere -o run --features no.npz", 1, "no such folder of photographs: nowhere"),
    ("colourise train small -o run --features no.npz", 1, "small has 0 coloured photographs"),
    ("colourise judge empty small", 1, "no checkpoint in empty"),
    ("colourise export nowhere -o c.onnx", 1, "no checkpoint in nowhere"),
]


@pytest.mark.parametrize(("line", "code", "words"), BAD, ids=[line for line, _, _ in BAD])
def test_bad_input_is_told_in_one_line(line, code, words, call):
    found, said = call(*line.split())
    assert found == code
    assert said.startswith("error: ")
    assert words in said
    assert all(each.startswith(("error: ", "hint: ")) for each in said.splitlines())


def test_the_mean_with_weights_of_another_architecture_is_refused(call, tiny):
    assert train(tiny(), lambda _: None, CancelToken()).steps == 4
    code, said = call("mean_of_weights", "run", "--and", "fast", "-o", "out")
    assert code != 0
    assert said.startswith("error: ")
    assert not Path("out").exists()


def test_the_mean_of_a_run_with_itself_is_a_run(call, tiny):
    train(tiny(), lambda _: None, CancelToken())
    assert call("mean_of_weights", "run", "--and", "run", "-o", "out") == (0, "")
    assert call("mean_of_weights", "out", "--and", "run", "-o", "again")[0] == 0


def test_crops_for_a_teacher_are_drawn(call, photographs):
    code, _ = call("degraded_crops", str(photographs), "-o", "low", "--side", "12", "--count", "24")
    assert code == 0
    for index in range(24):
        with Image.open(f"low/{index:05}.png") as image:
            assert image.size == (12, 12)
    assert len(list(Path("low").iterdir())) == 24


def test_originals_lie_beside_their_degraded_crops(call, photographs):
    words = ("-o", "low", "--originals", "high", "--side", "12", "--count", "8")
    assert call("degraded_crops", str(photographs), *words)[0] == 0
    for index in range(8):
        with Image.open(f"low/{index:05}.png") as low, Image.open(f"high/{index:05}.png") as high:
            assert high.size == (48, 48)
            reduced = np.asarray(high.resize((12, 12), Image.Resampling.BOX), float)
            assert np.abs(reduced - np.asarray(low, float)).mean() < 40


def test_noisy_crops_are_noisy(call):
    Path("smooth").mkdir()
    Image.linear_gradient("L").convert("RGB").save("smooth/a.png")
    for kind in ("noisy", "everyday"):
        words = ("-o", kind, "--side", "12", "--count", "8", "--kinds", kind)
        assert call("degraded_crops", "smooth", *words)[0] == 0
    assert _roughness("noisy") > 1.5 * _roughness("everyday")


def _roughness(folder):
    pictures = np.stack([np.asarray(Image.open(path), float) for path in sorted(Path(folder).iterdir())])
    return np.abs(np.diff(pictures, axis=2)).mean()


def test_sharpened_edges_are_steeper_without_halos(call):
    Path("high").mkdir()
    edge = Image.new("RGB", (40, 40), (60, 60, 60))
    edge.paste((180, 180, 180), (20, 0, 40, 40))
    edge.filter(ImageFilter.GaussianBlur(2)).save("high/a.png")
    assert call("sharpen", "high", "-o", "sharp")[0] == 0
    before, after = (
        np.asarray(Image.open(f"{folder}/a.png"), float)[20, :, 0] for folder in ("high", "sharp")
    )
    assert np.diff(after).max() > 1.2 * np.diff(before).max()
    assert np.array_equal(after[:8], before[:8])
    assert (after.min(), after.max()) == (before.min(), before.max())
