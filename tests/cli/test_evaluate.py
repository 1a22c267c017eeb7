"""``srcli evaluate`` from the command line to exit code, stdout, stderr and files."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
from PIL import Image

from srcli.cli.app import run
from srcli.models.folders import MODELS_VARIABLE
from tests.st_lpips_network import save_network
from tests.tiny_models import install


@pytest.fixture
def references(tmp_path):
    folder = tmp_path / "references"
    folder.mkdir()
    rows, columns = np.mgrid[0:40, 0:52]
    for index, name in enumerate(("a", "b")):
        waves = np.sin(rows / (4 + index)) * np.cos(columns / 5)
        Image.fromarray(np.rint(127 + 110 * waves).astype(np.uint8)).convert("RGB").save(
            folder / f"{name}.png"
        )
    return folder


@pytest.fixture
def models(tmp_path, monkeypatch):
    folder = tmp_path / "models"
    folder.mkdir()
    install(folder, name="tiny", scale=2)
    monkeypatch.setenv(MODELS_VARIABLE, str(folder))
    return folder


def _run(*words):
    return run(["evaluate", *map(str, words), "--device", "cpu"])


def test_table_sets_methods_side_by_side(references, models, capsys):
    assert _run("--hr", references, "-s", 2, "-m", "tiny") == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    for word in ("nearest", "average", "bilinear", "bicubic", "lanczos", "tiny", "PSNR dB", "s/picture"):
        assert word in captured.out
    assert "2 pictures, bicubic /2 (MATLAB); luma (BT.601), shave 2, 8 bit" in captured.out


def test_installed_generators_are_the_default(references, models, capsys):
    assert _run("--hr", references, "-s", 2, "--no-interpolations", "--json") == 0
    *figures, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert "tiny" in {figure["method"] for figure in figures}
    assert "bicubic" not in {figure["method"] for figure in figures}
    (tiny,) = (row for row in last["summary"] if row["method"] == "tiny")
    assert (tiny["pictures"], tiny["failed"], tiny["parameters"]) == (2, 0, 4976)
    mean = np.mean([figure["psnr"] for figure in figures if figure["method"] == "tiny"])
    assert tiny["psnr"]["mean"] == pytest.approx(mean)


def test_model_files_are_evaluated_too(references, models, capsys):
    assert _run("--hr", references / "a.png", "-s", 2, "-m", models / "tiny-x2.onnx", "--markdown") == 0
    assert "| tiny-x2 |" in capsys.readouterr().out


def test_folder_is_kept_and_resumed(references, models, tmp_path, capsys):
    words = ("--hr", references, "-s", 2, "-m", "tiny", "-o", tmp_path / "out", "--csv")
    assert _run(*words) == 0
    first = capsys.readouterr().out
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "figures.jsonl",
        "table.md",
        "figures.csv",
        "plot.svg",
    }
    assert _run(*words) == 1
    assert "holds an evaluation already" in capsys.readouterr().err
    assert _run(*words, "--resume") == 0
    # Equal to the last digit of the seconds: nothing was run again.
    assert capsys.readouterr().out == first


def test_perceptual_distance_beside_the_others(references, models, tmp_path, capsys):
    network = save_network(tmp_path / "network.npz")
    words = (
        "--hr",
        references,
        "-s",
        2,
        "-m",
        "tiny",
        "-o",
        tmp_path / "out",
        "--json",
        "--st-lpips",
        network,
    )
    assert _run(*words) == 0
    first = capsys.readouterr().out
    *figures, last = map(json.loads, first.splitlines())
    distances = {row["method"]: row["st-lpips"]["mean"] for row in last["summary"]}
    assert all(distance > 0 for distance in distances.values())
    assert len(set(distances.values())) == len(distances)
    assert set(figures[0]) >= {"psnr", "ssim", "st-lpips"}
    assert "ST-LPIPS (RGB)" in (tmp_path / "out" / "table.md").read_text()
    assert _run(*words, "--resume") == 0
    assert capsys.readouterr().out == first
    # With another network in the same file everything is measured anew.
    save_network(network, seed=4)
    assert _run(*words, "--resume") == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {row["method"]: row["st-lpips"]["mean"] for row in last["summary"]} != distances


def test_all_metrics(models, tmp_path, capsys):
    levels = np.random.default_rng(0).integers(0, 256, (190, 172, 3), np.uint8)
    Image.fromarray(levels).save(tmp_path / "large.png")
    assert _run("--hr", tmp_path / "large.png", "-s", 2, "-m", "tiny", "--metrics", "all", "--json") == 0
    figure = json.loads(capsys.readouterr().out.splitlines()[0])
    assert set(figure) >= {"psnr", "ssim", "mse", "ms-ssim", "rmse", "mae", "chroma", "colourfulness"}
    assert "st-lpips" not in figure


def test_one_bad_picture_exits_with_one(references, models, capsys):
    (references / "c.png").write_bytes(b"no picture")
    assert _run("--hr", references, "-s", 2, "-m", "bicubic", "-m", "box", "--no-interpolations") == 1
    captured = capsys.readouterr()
    assert "error: c, bicubic: cannot read" in captured.err
    assert captured.err.count("error:") == 1
    assert "3 pictures" in captured.out


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["-s", "1"], 2, "at scale 1 there is nothing to repair"),
        (["--json", "--csv"], 2, "both want standard output"),
        (["--resume"], 2, "--resume needs the folder"),
        (["--channel", "luma"], 2, "unknown channel"),
        (["--metrics", "psnr,snr"], 2, "unknown metric 'snr'"),
        (["--metrics", "st-lpips"], 2, "ST-LPIPS needs its network"),
        (["--st-lpips", "none.npz"], 1, "cannot read the network none.npz"),
        (["-m", "nobody"], 4, "nobody"),
        (["-s", "3", "-m", "tiny"], 4, "tiny has no x3 generator"),
    ],
)
def test_wrong_words_have_their_exit_code(references, models, capsys, words, code, message):
    assert _run("--hr", references, *words) == code
    assert message in capsys.readouterr().err


def test_a_folder_without_pictures_exits_with_one(tmp_path, capsys):
    assert _run("--hr", tmp_path) == 1
    assert "no pictures in" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["--csv", "--json", "--markdown"])
def test_names_that_are_no_utf8_are_shown_escaped(tmp_path, capsys, form):
    (tmp_path / "hr").mkdir()
    Image.new("RGB", (24, 24)).save(os.fsdecode(os.fsencode(tmp_path / "hr") + b"/caf\xe9.png"))
    words = ("--hr", tmp_path / "hr", "-m", "nearest", "--no-interpolations", "-o", tmp_path / "out", form)
    assert _run(*words) == 0
    assert "\\xe9" in (tmp_path / "out" / "figures.csv").read_text()


@pytest.fixture
def repair(models):
    install(models, name="repair", scale=1)
    return models


def test_what_restores_is_measured_beside_the_input(references, repair, capsys):
    assert _run("--hr", references, "-s", 1, "--jpeg", 30, "-m", "repair") == 0
    shown = capsys.readouterr().out
    assert "2 pictures, JPEG 30; luma (BT.601), shave 0, 8 bit" in shown
    assert [word in shown for word in ("input", "repair", "bicubic")] == [True, True, False]


def test_the_input_is_measured_as_it_is(references, repair, capsys):
    words = ("--hr", references / "a.png", "-s", 1, "--metrics", "psnr,chroma,colourfulness", "--json")
    assert _run(*words, "--noise", 15) == 0
    (figure,) = (json.loads(line) for line in capsys.readouterr().out.splitlines()[:1])
    assert (figure["method"], figure["degradation"]) == ("input", "noise 15")
    # Three channels of independent noise leave 0.571 of it in luma of studio range.
    assert figure["psnr"] == pytest.approx(20 * np.log10(255 / (0.571 * 15)), abs=0.4)
    assert figure["chroma"] > 3
    assert _run(*words, "--grey") == 0
    figure = json.loads(capsys.readouterr().out.splitlines()[0])
    assert (figure["degradation"], figure["chroma"], figure["colourfulness"]) == ("grey", 0.0, 1.0)


def test_generators_in_a_row_are_one_method(references, repair, capsys):
    words = ("-s", 2, "-m", "tiny", "-m", "repair,tiny", "--no-interpolations", "--json")
    assert _run("--hr", references / "a.png", *words) == 0
    *_, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert [row["method"] for row in last["summary"]] == ["tiny", "repair,tiny"]
    assert last["summary"][0]["psnr"] != last["summary"][1]["psnr"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("-s", "1", "-m", "tiny", "--jpeg", "40"), "tiny has no x1 generator"),
        (("-s", "4", "-m", "repair,tiny.onnx"), "no such model file"),
        (("-s", "1", "--jpeg", "40", "--lr", "low"), "--noise, --jpeg and --grey degrade --hr"),
    ],
)
def test_what_makes_no_sense_at_scale_one(references, repair, words, message, capsys):
    assert _run("--hr", references, *words) != 0
    assert message in capsys.readouterr().err
