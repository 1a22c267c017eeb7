"""What ``srcli upscale`` says: one plain line a picture, what is lost beforehand, and one hint."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from PIL import Image

from srcli.cli.app import run
from srcli.engine.devices import nvidia

LINE = re.compile(r"\S+photo_x2\.png: 66x48 pixels, \d+\.\d KiB, in \d+\.\d s")


def said(capsys, *words):
    """The lines on standard error of a run that succeeds."""
    assert run(["upscale", *map(str, words), "-s", "2", "--overwrite"]) == 0
    return capsys.readouterr().err.splitlines()


def hints(lines):
    return [line for line in lines if line.startswith("hint")]


def scene(noise=0.0, size=(120, 140)):
    rows, columns = np.mgrid[: size[0], : size[1]]
    waves = 128 + 80 * np.sin(rows / 15 + columns / 19)[..., None]
    levels = waves + np.random.default_rng(1).normal(0, max(noise, 1e-6), (*size, 3))
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


def test_one_plain_line(tiny, photo, capsys):
    (line,) = said(capsys, photo, "-m", tiny)
    assert LINE.fullmatch(line)


def test_details_on_demand(tiny, photo, capsys):
    device, line = said(capsys, photo, "-m", tiny, "--verbose")
    assert device.startswith("cpu: ")
    assert "tiny-x2, CPUExecutionProvider fp32, tile 33x24" in line


def test_the_device_is_told_when_it_was_asked_for(tiny, photo, capsys):
    assert said(capsys, photo, "-m", tiny, "--device", "cpu")[0] == "cpu: asked for"


def test_the_device_is_told_when_it_is_a_surprise(tiny, photo, capsys, monkeypatch):
    monkeypatch.setattr(nvidia, "driver", lambda: nvidia.Driver((12, 4), ("H100",)))
    monkeypatch.setattr(
        nvidia, "problem", lambda _: nvidia.Problem("libcudnn.so.9 is missing", "pip install it")
    )
    assert said(capsys, photo, "-m", tiny)[0] == "cpu: libcudnn.so.9 is missing"


def test_what_is_lost_is_said_before_the_work_and_once(tiny, tmp_path, capsys):
    clear = Image.new("RGBA", (20, 30), (10, 20, 30, 40))
    clear.save(tmp_path / "clear.png")
    lines = said(capsys, tmp_path / "clear.png", "-m", tiny, "--format", "jpeg")
    assert [line.partition(":")[0] for line in lines[:1]] == ["warning"]
    assert "holds no transparency" in lines[0]
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("quality", "noise", "words"),
    [(40, 0, "is compressed (a JPEG of quality 40 or so)"), (95, 15, "looks noisy")],
)
def test_one_hint_where_another_generator_suits_better(quality, noise, words, tmp_path, capsys):
    for index in range(3):
        scene(noise).save(tmp_path / f"{index}.jpg", quality=quality)
    lines = said(capsys, *sorted(tmp_path.glob("?.jpg")), "-m", "fast")
    better = "-m everyday does not sharpen noise and compression"
    assert hints(lines) == [f"hint: {tmp_path / '0.jpg'} {words}: {better}"]


@pytest.mark.parametrize(
    "words", [(), ("-m", "photo"), ("-m", "bicubic"), ("-m", "fast", "--quiet"), ("-m", "fast", "--json")]
)
def test_no_hint_where_it_is_of_no_use(words, tmp_path, capsys):
    scene().save(tmp_path / "old.jpg", quality=30)
    assert hints(said(capsys, tmp_path / "old.jpg", *words)) == []


def test_no_hint_for_clean_pictures(tmp_path, capsys):
    scene().save(tmp_path / "new.jpg", quality=95)
    scene().save(tmp_path / "new.png")
    words = (tmp_path / "new.jpg", tmp_path / "new.png", "-m", "fast", "-o", f"{tmp_path}/large/")
    assert hints(said(capsys, *words)) == []


def test_a_dry_run_hints_at_compression_too(tmp_path, capsys):
    scene().save(tmp_path / "old.jpg", quality=30)
    lines = said(capsys, tmp_path / "old.jpg", "-m", "fast", "--dry-run")
    assert hints(lines)


def test_seconds_are_the_works_own(tiny, tmp_path, capsys, monkeypatch):
    """Pictures that wait behind a slow one don't count its time."""
    from srcli.upscaling.stages import Worker

    slow = Worker.enlarge

    def enlarge(worker, work):
        import time

        if work.name.endswith("0.png"):
            time.sleep(1.0)
        slow(worker, work)

    monkeypatch.setattr(Worker, "enlarge", enlarge)
    for index in range(3):
        scene(size=(30, 40)).save(tmp_path / f"{index}.png")
    words = ["upscale", *map(str, sorted(tmp_path.glob("?.png"))), "-m", tiny, "--threads", "1", "--json"]
    assert run(words) == 0
    reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert reports[0]["seconds"] + reports[0]["waiting_seconds"] >= 1.0
    assert reports[1]["waiting_seconds"] >= 0.5
    assert reports[1]["seconds"] < reports[1]["waiting_seconds"]
    assert reports[0]["output_bytes"] == (tmp_path / "0_x4.png").stat().st_size
