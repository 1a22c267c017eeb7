"""``srcli metrics`` from the command line to exit code, stdout and stderr."""

from __future__ import annotations

import csv
import io
import json
import os

import numpy as np
import pytest
from PIL import Image

from srcli.cli.app import run


@pytest.fixture
def folders(tmp_path):
    rng = np.random.default_rng(5)
    results, references = tmp_path / "results", tmp_path / "references"
    results.mkdir()
    references.mkdir()
    for name in ("a", "b"):
        levels = rng.integers(20, 236, (24, 33, 3))
        Image.fromarray(levels.astype(np.uint8)).save(references / f"{name}.png")
        noisy = levels + rng.integers(-5, 6, levels.shape)
        Image.fromarray(noisy.astype(np.uint8)).save(results / f"{name}_x2.png")
    return results, references


def _run(*words):
    return run(["metrics", *map(str, words)])


def test_table_shows_figures_means_and_protocol(folders, capsys):
    assert _run(*folders, "--shave", "auto") == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    for word in ("PSNR dB", "SSIM", "MSE", "a_x2.png", "mean of 2", "median", "interval"):
        assert word in captured.out
    assert "protocol: luma (BT.601), shave 2, 8 bit" in captured.out


def test_json_is_one_object_per_line(folders, capsys):
    assert _run(*folders, "--json", "--metrics", "psnr,mae", "--channel", "rgb") == 0
    *pairs, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert [pair["protocol"] for pair in pairs] == ["RGB, shave 0, 8 bit"] * 2
    assert pairs[0]["size"] == [33, 24]
    mean = np.mean([pair["psnr"] for pair in pairs])
    assert last["summary"]["psnr"]["mean"] == pytest.approx(mean)
    assert set(last["summary"]) == {"psnr", "mae"}


def test_identical_pictures_are_valid_json(folders, capsys):
    picture = folders[1] / "a.png"
    assert _run(picture, picture, "--json") == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    report = json.loads(captured.out)
    assert (report["psnr"], report["ssim"], report["mse"], report["identical"]) == (None, 1, 0, True)


def test_csv_has_a_row_per_pair(folders, capsys):
    assert _run(*folders, "--csv") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["protocol"] for row in rows] == ["luma (BT.601), shave 0, 8 bit"] * 2
    assert float(rows[0]["psnr"]) > 30


@pytest.mark.parametrize(("gate", "least", "code"), [("psnr", 20, 0), ("psnr", 60, 1), ("ssim", 0.999, 1)])
def test_gates_decide_the_exit_code(folders, capsys, gate, least, code):
    assert _run(*folders, f"--min-{gate}", least, "--metrics", "mse") == code
    assert ("is below" in capsys.readouterr().err) == bool(code)


def test_names_without_partner_are_reported(folders, capsys):
    (folders[0] / "a_x2.png").rename(folders[0] / "z.png")
    assert _run(*folders) == 1
    captured = capsys.readouterr()
    assert f"error: no result for {folders[1] / 'a.png'}" in captured.err
    assert f"error: no reference for {folders[0] / 'z.png'}" in captured.err
    assert "b_x2.png" in captured.out


def test_one_bad_pair_does_not_end_the_run(folders, capsys):
    (folders[0] / "a_x2.png").write_bytes(b"no picture")
    assert _run(*folders, "--json") == 1
    first, second, _ = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["error"]
    assert second["error"] is None


def test_different_sizes_exit_with_one(folders, capsys):
    Image.new("RGB", (30, 24)).save(folders[0] / "a_x2.png")
    assert _run(folders[0] / "a_x2.png", folders[1] / "a.png") == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "error: sizes differ" in captured.err
    assert "hint:" in captured.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--metrics", "snr"], "unknown metric 'snr'"),
        (["--channel", "luma"], "unknown channel 'luma'"),
        (["--shave", "-3"], "--shave takes a whole number or auto, not '-3'"),
        (["--depth", "12"], "depth of 12 bit"),
        (["--json", "--csv"], "both want standard output"),
    ],
)
def test_wrong_words_exit_with_two(folders, capsys, words, message):
    assert _run(*folders, *words) == 2
    assert message in capsys.readouterr().err


def test_missing_file_exits_with_one(folders, capsys):
    assert _run(folders[0] / "nothing.png", folders[1]) == 1
    assert "no such file or folder" in capsys.readouterr().err


@pytest.mark.parametrize("form", [[], ["--csv"], ["--json"]])
def test_names_that_are_no_utf8_are_shown_escaped(tmp_path, capsys, form):
    path = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png")
    Image.new("RGB", (20, 20)).save(path)
    assert run(["metrics", path, path, *form]) == 0
    assert "caf\\xe9.png" in capsys.readouterr().out.replace("\\\\", "\\")
