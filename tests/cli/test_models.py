"""``srcli models``."""

from __future__ import annotations

import dataclasses
import json

import pytest

from srcli.cli.app import run
from srcli.core.card import read_card, write_card
from srcli.models import store
from srcli.models.verify import sha256_of
from tests import tiny_models


@pytest.fixture
def only_tiny(tiny, tmp_path, monkeypatch):
    """No shipped generators: only the three tiny ones."""
    monkeypatch.setattr(store, "shipped_folder", lambda: tmp_path / "nothing")
    return tmp_path / "models"


def damage(folder, name):
    with (folder / name).open("ab") as file:
        file.write(b"x")


def objects(text):
    return [json.loads(line) for line in text.splitlines()]


def test_list(only_tiny, capsys):
    assert run(["models", "list"]) == 0
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert lines[0].split()[:3] == ["name", "scale", "parameters"]
    assert [line.split()[:2] for line in lines[1:]] == [["tiny", "x2"], ["tiny", "x3"], ["tiny", "x4"]]
    assert captured.err == ""


def test_list_as_json(only_tiny, capsys):
    assert run(["models", "list", "--json"]) == 0
    found = objects(capsys.readouterr().out)
    assert [(model["name"], model["scale"], model["ok"]) for model in found] == [
        ("tiny", 2, True),
        ("tiny", 3, True),
        ("tiny", 4, True),
    ]
    assert found[0]["file"] == str(only_tiny / "tiny-x2.onnx")
    assert len(found[0]["sha256"]) == 64


def test_list_shows_damage_and_goes_on(only_tiny, capsys):
    damage(only_tiny, "tiny-x3.onnx")
    assert run(["models", "list"]) == 0
    assert [line.split()[-1] for line in capsys.readouterr().out.splitlines()[1:]] == ["ok", "damaged", "ok"]


def test_info(only_tiny, capsys):
    assert run(["models", "info", "tiny", "-s", "3"]) == 0
    shown = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines() if line)
    assert shown["generator"] == "tiny x3"
    assert shown["parameters"] == "4,976"
    assert shown["licence"] == "MIT"
    assert shown["sha256"].endswith("(ok)")


def test_info_of_all_scales_as_json(only_tiny, capsys):
    assert run(["models", "info", "tiny", "--json"]) == 0
    assert [model["scale"] for model in objects(capsys.readouterr().out)] == [2, 3, 4]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["tinny"], "error: there is no generator named 'tinny'\nhint: did you mean tiny? there are tiny; "),
        (["tiny", "-s", "7"], "error: tiny has no x7 generator\nhint: it has x2, x3, x4\n"),
    ],
)
def test_info_of_what_is_not_there(words, error, only_tiny, capsys):
    assert run(["models", "info", *words]) == 4
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(error)


def test_verify(only_tiny, capsys):
    assert run(["models", "verify"]) == 0
    assert capsys.readouterr().out == "tiny x2: ok\ntiny x3: ok\ntiny x4: ok\n"


def test_verify_finds_damage(only_tiny, capsys):
    damage(only_tiny, "tiny-x3.onnx")
    assert run(["models", "verify", "tiny"]) == 4
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "tiny x2: ok"
    assert "tiny-x3.onnx is damaged" in lines[1]
    assert lines[2] == "tiny x4: ok"


def test_verify_as_json(only_tiny, capsys):
    damage(only_tiny, "tiny-x2.onnx")
    assert run(["models", "verify", "--json"]) == 4
    found = objects(capsys.readouterr().out)
    assert [model["ok"] for model in found] == [False, True, True]
    assert "is damaged" in found[0]["problem"]


def test_verify_runs_the_generator(only_tiny, capsys):
    path = tiny_models.ignores_input(only_tiny / "tiny-x2.onnx")
    card = read_card(path.with_suffix(".json"))
    write_card(dataclasses.replace(card, sha256=sha256_of(path)), path.with_suffix(".json"))
    assert run(["models", "verify"]) == 4
    assert "tiny x2: the model's output does not show its input" in capsys.readouterr().out


def test_models_alone_shows_the_help(capsys):
    assert run(["models"]) == 2
    captured = capsys.readouterr()
    assert "verify" in captured.out + captured.err
