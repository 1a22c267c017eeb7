"""``srcli compare`` from the command line to files, exit code, stdout and stderr."""

from __future__ import annotations

import json
import os

import pytest
from PIL import Image

from srcli.cli.app import run
from tests.cli.conftest import save_picture
from tests.tiny_models import install


@pytest.fixture
def small(tmp_path):
    save_picture(tmp_path / "small.png", (24, 33))
    return tmp_path / "small.png"


def _run(*words):
    return run(["compare", *map(str, words), "--device", "cpu"])


def test_sheet_shows_installed_generators_beside_bicubic(small, tiny, tmp_path, capsys):
    assert _run(small, "-s", 2, "-o", tmp_path / "sheet.png") == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"{tmp_path / 'sheet.png'}: bicubic, " in captured.err
    assert "tiny" in captured.err
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.mode == "RGB"
        assert sheet.width > 2 * 256


def test_reference_brings_figures(small, tiny, tmp_path, capsys):
    save_picture(tmp_path / "large.png", (48, 66))
    words = ("--reference", tmp_path / "large.png", "-s", 2, "-m", tiny, "--crop", "0,0,40,30")
    assert _run(small, *words, "-o", tmp_path / "page.html", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert [pane["method"] for pane in report["panes"]] == ["bicubic", "tiny", "reference"]
    assert report["panes"][1]["psnr"] > 0
    assert (report["size"], report["crops"]) == ([66, 48], [[0, 0, 40, 30]])
    assert (tmp_path / "page.html").read_text().startswith("<!doctype html>")


def test_what_restores_beside_the_input(small, tiny, tmp_path, capsys):
    install(tmp_path / "models", name="repair", scale=1)
    words = (small, "-s", 1, "-m", "repair", "-m", "repair,repair", "--reference", small)
    assert _run(*words, "-o", tmp_path / "page.html", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    methods = [pane["method"] for pane in report["panes"]]
    assert methods == ["input", "repair", "repair,repair", "reference"]
    assert (report["size"], report["protocol"]) == ([33, 24], "luma (BT.601), shave 0, 8 bit")
    # Infinite, as the input is the reference here.
    assert report["panes"][0]["psnr"] is None


def test_existing_outputs_are_refused_unless_told(small, tmp_path, capsys):
    (tmp_path / "page.html").write_text("precious")
    words = (small, "-m", "nearest", "-o", tmp_path / "page.html")
    assert _run(*words) == 1
    assert "exists already" in capsys.readouterr().err
    assert (tmp_path / "page.html").read_text() == "precious"
    assert _run(*words, "--overwrite") == 0


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["-o", "sheet.xyz"], 1, "unknown kind '.xyz'"),
        (["-o", "sheet.png", "--crop", "1,2"], 2, "a crop is x,y,width,height"),
        (["-o", "sheet.png", "--crop", "0,0,500,20"], 2, "reaches beyond the result, which is 132x96"),
        (["-o", "sheet.png", "-m", "nobody"], 4, "nobody"),
        (["-o", "sheet.png", "--reference", "small.png"], 1, "small.png x4 is 132x96"),
    ],
)
def test_wrong_words_have_their_exit_code(small, tiny, tmp_path, monkeypatch, capsys, words, code, message):
    monkeypatch.chdir(tmp_path)
    assert _run("small.png", *words) == code
    assert message in capsys.readouterr().err
    assert not (tmp_path / "sheet.png").exists()


@pytest.mark.parametrize("name", ["sheet.png", "page.html"])
def test_names_that_are_no_utf8_are_shown_escaped(tmp_path, capsys, name):
    path = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png")
    Image.new("RGB", (24, 24)).save(path)
    assert run(["compare", path, "-m", "nearest", "-s", "2", "-o", str(tmp_path / name), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["input"] == "caf\\xe9.png"
