"""``srcli degrade`` from the command line to files, exit code, stdout and stderr."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
from PIL import Image

from srcli.cli.app import run
from srcli.pipeline.measure.still import read_still


@pytest.fixture
def originals(tmp_path):
    folder = tmp_path / "originals"
    (folder / "below").mkdir(parents=True)
    rng = np.random.default_rng(9)
    for name, size in (("a.png", (25, 38)), ("b.bmp", (16, 20)), ("below/a.png", (12, 12))):
        Image.fromarray(rng.integers(0, 256, (*size, 3), dtype=np.uint8)).save(folder / name)
    return folder


def _run(*words):
    return run(["degrade", *map(str, words)])


def _sizes(folder):
    sizes = {}
    for path in sorted(folder.rglob("*.*")):
        with Image.open(path) as picture:
            sizes[path.relative_to(folder).as_posix()] = picture.size
    return sizes


def test_names_stay_and_references_are_cropped(originals, tmp_path, capsys):
    low, cropped = tmp_path / "low", tmp_path / "cropped"
    assert _run(originals, "-o", low, "-s", 4, "--references", cropped) == 0
    assert _sizes(low) == {"a.png": (9, 6), "b.png": (5, 4)}
    assert _sizes(cropped) == {"a.png": (36, 24), "b.png": (20, 16)}
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "38x25 (cropped to 36x24) to 9x6, bicubic /4, 8 bit" in captured.err


def test_tree_is_mirrored(originals, tmp_path):
    low, cropped = tmp_path / "low", tmp_path / "cropped"
    assert _run(originals, "-r", "-o", low, "-s", 2, "--references", cropped) == 0
    assert set(_sizes(low)) == set(_sizes(cropped)) == {"a.png", "b.png", "below/a.png"}


def test_one_file_to_one_file(originals, tmp_path):
    assert _run(originals / "a.png", "-o", tmp_path / "small.tif", "-s", 3, "--noise", 4) == 0
    with Image.open(tmp_path / "small.tif") as picture:
        assert (picture.format, picture.size) == ("TIFF", (12, 8))


def test_sixteen_bit_grey_stays_so(tmp_path):
    levels = np.random.default_rng(2).integers(0, 65536, (18, 24), dtype=np.uint16)
    Image.fromarray(levels).save(tmp_path / "deep.png")
    assert _run(tmp_path / "deep.png", "-o", tmp_path / "low.png", "-s", 2) == 0
    with Image.open(tmp_path / "low.png") as picture:
        low = np.asarray(picture)
    assert low.shape == (9, 12)
    assert low.max() > 255


def test_chance_follows_the_seed_and_the_name(originals, tmp_path):
    def degrade(inputs, folder, seed):
        assert _run(*inputs, "-o", f"{tmp_path / folder}/", "-s", 2, "--real", "--seed", seed) == 0
        return (tmp_path / folder / "a.png").read_bytes()

    both = degrade([originals], "both", 1)
    assert degrade([originals / "a.png"], "alone", 1) == both
    assert degrade([originals / "a.png"], "other", 2) != both


def test_json_has_one_object_per_file(originals, tmp_path, capsys):
    (originals / "b.bmp").write_bytes(b"no picture")
    assert _run(originals, "-o", tmp_path / "low", "-s", 4, "--json") == 1
    good, bad = map(json.loads, capsys.readouterr().out.splitlines())
    assert (good["used_size"], good["output_size"], good["degradation"]) == ([36, 24], [9, 6], "bicubic /4")
    assert bad["error"]


def test_a_bug_in_one_file_does_not_end_the_run(originals, tmp_path, capsys, monkeypatch):
    def broken(path):
        if path.stem == "a":
            raise ZeroDivisionError("oops")
        return read_still(path)

    monkeypatch.setattr("srcli.pipeline.degrade.files.read_still", broken)
    assert _run(originals, "-o", tmp_path / "low", "-s", 4, "--json") == 70
    captured = capsys.readouterr()
    bad, good = map(json.loads, captured.out.splitlines())
    assert (bad["error"], bad["exit_code"]) == ("internal error: ZeroDivisionError: oops", 70)
    assert (good["error"], good["exit_code"]) == (None, 0)
    assert "error: internal error: ZeroDivisionError: oops" in captured.err
    assert "Traceback" not in captured.err
    assert _run(originals, "-o", tmp_path / "low", "-s", 4, "--overwrite", "--debug") == 70
    assert "Traceback" in capsys.readouterr().err


def test_existing_outputs_are_refused_unless_told(originals, tmp_path, capsys):
    words = (originals / "a.png", "-o", tmp_path / "low.png")
    assert _run(*words) == 0
    assert _run(*words) == 1
    assert "exists already" in capsys.readouterr().err
    assert _run(*words, "--overwrite") == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-s", "0"], "cannot shrink 0 times"),
        (["--real", "--jpeg", "40"], "brings its own"),
        (["--format", "xyz"], "unknown picture format"),
    ],
)
def test_wrong_words_exit_with_two(originals, tmp_path, capsys, words, message):
    assert _run(originals, "-o", tmp_path / "low", *words) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "low").exists()


def test_streams_are_refused(capsys):
    assert _run("-", "-o", "low.png") == 2
    assert "reads and writes files" in capsys.readouterr().err


def test_too_small_a_picture_is_named(tmp_path, capsys):
    Image.new("RGB", (3, 9)).save(tmp_path / "tiny.png")
    assert _run(tmp_path / "tiny.png", "-o", tmp_path / "low.png") == 1
    assert "3x9 is too small to shrink 4 times" in capsys.readouterr().err


def test_names_that_are_no_utf8_are_kept_and_shown_escaped(tmp_path, capsys):
    path = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png")
    Image.new("RGB", (24, 24)).save(path)
    assert _run(path, "-o", f"{tmp_path / 'low'}/") == 0
    assert "caf\\xe9.png" in capsys.readouterr().err
    assert os.listdir(os.fsencode(tmp_path / "low")) == [b"caf\xe9.png"]


def test_the_size_can_stay(originals, tmp_path, capsys):
    assert _run(originals / "a.png", "-o", tmp_path / "worn.png", "-s", 1, "--jpeg", 40, "--noise", 15) == 0
    assert "a.png" not in capsys.readouterr().out
    worn, clean = (read_still(path).colour for path in (tmp_path / "worn.png", originals / "a.png"))
    assert worn.shape == clean.shape
    assert 5 / 255 < float(np.abs(worn - clean).mean()) < 60 / 255


def test_grey_is_luma_in_one_channel(originals, tmp_path, capsys):
    assert _run(originals / "a.png", "-o", tmp_path / "grey.png", "-s", 1, "--grey", "--json") == 0
    assert json.loads(capsys.readouterr().out)["degradation"] == "grey"
    with Image.open(tmp_path / "grey.png") as grey, Image.open(originals / "a.png") as colour:
        assert grey.mode == "L"
        difference = np.asarray(grey).astype(int) - np.asarray(colour.convert("L")).astype(int)
    assert np.abs(difference).max() <= 1
