"""``--ensemble`` from the command line: cost, reports, and generators that it does not suit."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srcli.cli.app import run
from srcli.core.card import TrainingRecord, read_card, write_card


def upscale(*words):
    return run(["upscale", *map(str, words), "-s", "2"])


def pixels_of(path):
    with Image.open(path) as picture:
        return np.asarray(picture)


@pytest.fixture
def adversarial(tiny, tmp_path):
    """The card of the tiny generator says that an adversary taught it."""
    path = tmp_path / "models" / f"{tiny}-x2.json"
    loss = "1 l1 + 0.1 adversarial (bce, unet)"
    record = TrainingRecord("data", "CC0", "real", loss, 1, 1.0, "a computer")
    write_card(dataclasses.replace(read_card(path), training=record), path)
    return tiny


def test_a_turned_picture_gives_the_turned_result(tiny, photo, tmp_path, capsys):
    with Image.open(photo) as picture:
        picture.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "turned.png")
    for source, name in ((photo, "a.png"), (tmp_path / "turned.png", "b.png")):
        assert upscale(source, "-m", tiny, "-o", tmp_path / name, "--ensemble", 8, "--json") == 0
    assert {json.loads(line)["ensemble"] for line in capsys.readouterr().out.splitlines()} == {8}
    straight, turned = pixels_of(tmp_path / "a.png"), pixels_of(tmp_path / "b.png")
    assert np.abs(np.rot90(straight).astype(int) - turned).max() <= 1


def test_the_plan_tells_what_it_costs(tiny, photo, capsys):
    assert upscale(photo, "-m", tiny, "--ensemble", 8, "--ensemble-by", "median", "--dry-run", "--json") == 0
    median = json.loads(capsys.readouterr().out)
    assert upscale(photo, "-m", tiny, "--dry-run", "--json") == 0
    plain = json.loads(capsys.readouterr().out)
    assert (median["ensemble"], plain["ensemble"]) == (8, 1)
    assert median["memory_bytes"] > plain["memory_bytes"] + 7 * (2 * 576) ** 2 * 12


def test_a_finished_picture_is_not_one_of_an_ensemble(tiny, photo, tmp_path, capsys):
    words = [photo, "-m", tiny, "-o", tmp_path / "b.png", "--resume"]
    assert upscale(*words) == 0
    assert upscale(*words) == 0
    assert upscale(*words, "--ensemble", 2) == 1
    assert "exists already" in capsys.readouterr().err


def test_adversarial_generators_refuse(adversarial, photo, tmp_path, capsys):
    words = [photo, "-m", adversarial, "-o", tmp_path / "b.png", "--ensemble", 8]
    assert upscale(*words) == 2
    assert "invent texture" in capsys.readouterr().err
    assert not (tmp_path / "b.png").exists()
    assert upscale(*words, "--force-ensemble") == 0


@pytest.mark.parametrize(
    ("name", "expected"),
    [("realesrgan-x4plus", True), ("BSRGAN", True), ("elegance", False), ("fast", False)],
)
def test_names_of_adversarial_networks(tiny, tmp_path, name, expected):
    card = read_card(tmp_path / "models" / f"{tiny}-x2.json")
    assert dataclasses.replace(card, name=name).is_adversarial is expected


def test_evaluate_names_the_ensemble(tiny, photo, capsys):
    words = ["evaluate", "--hr", photo, "-s", 2, "-m", tiny, "--no-interpolations", "--json"]
    assert run([*map(str, words), "--ensemble", "4"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["method"] == "tiny, mean of 4"


def test_other_numbers_make_no_sense(tiny, photo, capsys):
    assert upscale(photo, "-m", tiny, "--ensemble", 3) == 2
    assert "an ensemble of 3" in capsys.readouterr().err
    assert not list(Path(photo).parent.glob("*_x2*"))
