"""``srcli models``."""

from __future__ import annotations

import dataclasses
import io
import json
import re

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from srcli.cli.app import run
from srcli.core.card import Quality, read_card, write_card
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


def listed(text):
    """The rows of the table of generators; another table follows."""
    return text.split("\n\n")[0].splitlines()[1:]


def test_list(only_tiny, capsys):
    assert run(["models", "list"]) == 0
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert lines[0].split()[:3] == ["name", "scale", "parameters"]
    assert [line.split()[:2] for line in listed(captured.out)] == [
        ["tiny", "x2"],
        ["tiny", "x3"],
        ["tiny", "x4"],
    ]
    assert captured.err == ""


def test_list_tells_once_what_all_scales_of_a_generator_are_for(only_tiny, capsys):
    for name in ("tiny-x3.json", "tiny-x4.json"):
        card = read_card(only_tiny / name)
        write_card(
            dataclasses.replace(card, purpose="" if card.scale == 4 else "a" * 90 + " b"), only_tiny / name
        )
    assert run(["models", "list"]) == 0
    rows = capsys.readouterr().out.split("\n\n")[1].splitlines()
    assert [row.split() for row in rows] == [
        ["name", "what", "for"],
        ["tiny", "tests"],
        ["tiny", "a" * 90, "b"],
    ]


def test_list_says_nothing_of_purposes_where_no_card_has_one(only_tiny, capsys):
    for path in only_tiny.glob("*.json"):
        write_card(dataclasses.replace(read_card(path), purpose=""), path)
    assert run(["models", "list"]) == 0
    assert "what for" not in capsys.readouterr().out


@pytest.mark.parametrize(("width", "headings"), [(60, 5), (109, 5), (110, 8)])
def test_list_keeps_to_the_width_of_a_terminal(width, headings, only_tiny, monkeypatch):
    output = io.StringIO()
    console = Console(file=output, force_terminal=True, color_system=None, width=width)
    monkeypatch.setattr("srcli.cli.models.list.stdout", lambda: console)
    assert run(["models", "list"]) == 0
    table, purposes = output.getvalue().split("\n\n")
    assert max(map(len, output.getvalue().splitlines())) <= width
    assert len(table.splitlines()[0].split()) == headings
    assert all(f"x{scale}" in table for scale in (2, 3, 4))
    assert "tests" in purposes


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
    assert [line.split()[-1] for line in listed(capsys.readouterr().out)] == ["ok", "damaged", "ok"]


def test_info(only_tiny, capsys):
    assert run(["models", "info", "tiny", "-s", "3"]) == 0
    shown = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines() if line)
    assert shown["generator"] == "tiny x3"
    assert shown["parameters"] == "4,976"
    assert shown["licence"] == "MIT"
    assert shown["sha256"].endswith("(ok)")


def test_info_tells_what_lower_precisions_cost(capsys):
    assert run(["models", "info", "plain", "-s", "4"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(
        re.fullmatch(r"int8 +plain-x4\.int8\.onnx; costs 0\.\d{3} dB on BSD100", line) for line in lines
    )
    costs = r"costs 0\.\d{3} dB on Set5, 0\.\d{3} dB on Set14, 0\.\d{3} dB on BSD100"
    assert any(re.fullmatch(rf"bf16 +where the device has it; {costs}", line) for line in lines)


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
    lines = capsys.readouterr().out.splitlines()
    expected = [rf"tiny x{scale}: ok \(cpu 0\.\d\d/255.*\)" for scale in (2, 3, 4)]
    assert [bool(re.fullmatch(*pair)) for pair in zip(expected, lines, strict=True)] == [True] * 3


def test_verify_finds_damage(only_tiny, capsys):
    damage(only_tiny, "tiny-x3.onnx")
    assert run(["models", "verify", "tiny"]) == 4
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("tiny x2: ok (")
    assert "tiny-x3.onnx is damaged" in lines[1]
    assert lines[2].startswith("tiny x4: ok (")


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


def test_a_broken_card_stops_no_other_generator(only_tiny, capsys):
    (only_tiny / "tiny-x3.json").write_text("{")
    assert run(["models", "list"]) == 0
    captured = capsys.readouterr()
    assert [line.split()[1] for line in listed(captured.out)] == ["x2", "x4"]
    assert captured.err.startswith("warning: left out: cannot read the model card")
    assert run(["models", "verify"]) == 4
    assert "tiny-x3.json: cannot read the model card" in capsys.readouterr().out
    assert run(["models", "verify", "--json"]) == 4
    assert objects(capsys.readouterr().out)[-1]["card"] == str(only_tiny / "tiny-x3.json")
    assert run(["models", "info", "tiny", "-s", "3"]) == 4
    assert capsys.readouterr().err.endswith("hint: srcli models remove tiny\n")


@pytest.fixture
def benchmarks(tmp_path):
    """A benchmark of one picture."""
    rows, columns = np.mgrid[:60, :84] / 84
    planes = np.stack([rows, columns, 0.5 + 0.5 * np.sin(9 * rows * columns)], axis=2)
    folder = tmp_path / "bench" / "Set1"
    folder.mkdir(parents=True)
    Image.fromarray((planes * 255).astype(np.uint8)).save(folder / "waves.png")
    return folder.parent


def publish(folder, psnr_db, ssim):
    """Put a figure on the card of tiny at x2."""
    card = read_card(folder / "tiny-x2.json")
    figure = Quality("Set1", "bicubic", "y", 2, psnr_db, ssim)
    write_card(dataclasses.replace(card, quality=(figure,)), folder / "tiny-x2.json")


def test_verify_measures_what_the_card_says(only_tiny, benchmarks, capsys):
    publish(only_tiny, 0.0, 0.0)
    words = ["models", "verify", "tiny", "--benchmarks", str(benchmarks)]
    assert run([*words, "--json"]) == 4
    first = objects(capsys.readouterr().out)[0]
    assert not first["ok"]
    assert "the card says 0.00 dB" in first["problem"]
    measured = first["measured"][0]
    assert measured["psnr_db"] > 10
    publish(only_tiny, measured["psnr_db"], measured["ssim"])
    assert run(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("tiny x2: ok (cpu ")
    assert re.fullmatch(r"  Set1 (\d+\.\d\d) dB, SSIM (0\.\d{4}); the card says \1 dB, \2", lines[1])


def test_verify_without_the_benchmarks_of_a_card(only_tiny, tmp_path, capsys):
    publish(only_tiny, 30.0, 0.9)
    assert run(["models", "verify", "--benchmarks", str(tmp_path)]) == 1
    assert f"error: {tmp_path} has no folder Set1" in capsys.readouterr().err


def test_path(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SRCLI_MODELS", str(tmp_path))
    assert run(["models", "path"]) == 0
    assert capsys.readouterr() == (f"{tmp_path}\n", "")


def test_remove(only_tiny, capsys):
    assert run(["models", "remove", "tiny", "-s", "3"]) == 0
    assert capsys.readouterr().out == ""
    assert sorted(path.name for path in only_tiny.glob("*.onnx")) == ["tiny-x2.onnx", "tiny-x4.onnx"]
    assert run(["models", "remove", "tiny", "-s", "3"]) == 4
    assert run(["models", "remove", "tin"]) == 4
    assert capsys.readouterr().err.endswith("hint: srcli models list\n")


def test_a_shipped_generator_is_not_removed(tiny, capsys):
    assert run(["models", "remove", "fast"]) == 2
    assert "error: fast ships with srcli and stays" in capsys.readouterr().err


def test_models_alone_shows_the_help(capsys):
    assert run(["models"]) == 2
    captured = capsys.readouterr()
    assert "verify" in captured.out + captured.err


@pytest.mark.parametrize("words", [["list"], ["info", "tiny"], ["verify", "tiny"], ["list", "--json"]])
def test_a_card_cannot_steer_the_terminal(words, tiny, tmp_path, capsys):
    path = tmp_path / "models" / "tiny-x2.json"
    evil = "\x1b]0;title\x07 red\x1b[31m :smile: \u202e"
    write_card(dataclasses.replace(read_card(path), licence=evil, purpose=evil), path)
    (tmp_path / "models" / "odd\x1b[2J.json").write_text("{}")
    run(["models", *words])
    captured = capsys.readouterr()
    for text in (captured.out, captured.err):
        assert not set("\x1b\x07\u202e") & set(text)
        assert "\N{GRINNING FACE WITH SMILING EYES}" not in text
