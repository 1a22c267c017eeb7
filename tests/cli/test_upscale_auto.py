"""``srcli upscale`` without ``-m``: each picture has its generator chosen, and the report says why."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from srcli.cli.app import run


@pytest.fixture
def folder(tmp_path):
    """A clean drawing, the same as JPEG, and the same with noise."""
    levels = np.full((50, 67, 3), 235, np.uint8)
    levels[10:30, 9:40] = (30, 90, 160)
    noise = np.random.default_rng(0).normal(0, 8, levels.shape)
    pictures = tmp_path / "in"
    pictures.mkdir()
    Image.fromarray(levels).save(pictures / "clean.png")
    Image.fromarray(levels).save(pictures / "compressed.jpg", quality=80)
    Image.fromarray(np.clip(levels * 0.8 + 20 + noise, 0, 255).astype(np.uint8)).save(pictures / "noisy.png")
    return pictures


def test_each_picture_of_a_batch_has_its_own_generator(folder, tmp_path, capsys):
    assert run(["upscale", str(folder), "-o", f"{tmp_path / 'out'}/", "-s", "2", "--json"]) == 0
    reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = {
        report["output"].rsplit("/", 1)[-1]: (report["model"], report["model_reason"]) for report in reports
    }
    assert told["clean_x2.png"] == ("fast-x2", "looks clean")
    assert told["compressed_x2.jpg"] == ("everyday-x2", "is a JPEG of quality 80 or so")
    assert told["noisy_x2.png"][0] == "everyday-x2"
    assert told["noisy_x2.png"][1].startswith("looks noisy")


def test_a_dry_run_names_the_same_generators(folder, capsys):
    assert run(["upscale", str(folder), "-s", "2", "--dry-run", "--json"]) == 0
    planned = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [file["model"] for file in planned] == ["fast-x2", "everyday-x2", "everyday-x2"]
    assert all(file["model_reason"] for file in planned)


def test_a_generator_that_was_asked_for_serves_all(folder, tmp_path, capsys):
    assert run(["upscale", str(folder), "-o", f"{tmp_path / 'out'}/", "-s", "2", "-m", "fast", "--json"]) == 0
    reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {(report["model"], report["model_reason"]) for report in reports} == {("fast-x2", None)}


def test_resume_knows_what_a_choice_made(folder, tmp_path, capsys):
    command = ["upscale", str(folder), "-o", f"{tmp_path / 'out'}/", "-s", "2", "--json", "--resume"]
    assert run(command) == 0
    capsys.readouterr()
    assert run(command) == 0
    reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [report["status"] for report in reports] == ["skipped"] * 3


def test_verbose_says_why(folder, tmp_path, capsys):
    target = tmp_path / "larger.jpg"
    assert run(["upscale", str(folder / "compressed.jpg"), "-s", "2", "-o", str(target), "--verbose"]) == 0
    assert "everyday-x2 (the picture is a JPEG of quality 80 or so)" in capsys.readouterr().err
