"""What a dry run tells beforehand, against what the run then does."""

from __future__ import annotations

import json
from collections import namedtuple

import numpy as np
import pytest
from PIL import Image

from srcli.cli.app import run
from srcli.upscaling import sampling
from tests import tiny_models

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    for scale in (2, 4):
        tiny_models.install(tmp_path / "models", name="tiny", scale=scale)
    monkeypatch.setenv("SRCLI_MODELS", str(tmp_path / "models"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def scene(height=451, width=507, seed=0):
    """Levels of a picture whose parts are worth different numbers of bytes: sky, waves, grass."""
    rows, columns = np.mgrid[:height, :width]
    waves = 120 + 60 * np.sin(rows / 9 + columns / 13)[..., None] * (rows > height / 3)[..., None]
    grass = np.random.default_rng(seed).normal(0, 18, (height, width, 3)) * (columns > width / 2)[..., None]
    return np.clip(waves + grass, 0, 255).astype(np.uint8)


def call(capsys, *words):
    """Exit code and the objects on standard output."""
    code = run(["upscale", *words, "-m", "tiny", "--json"])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.png", ("-s", "2")),
        ("a.jpg", ("-s", "4")),
        ("a.webp", ("-s", "3")),
        ("a.tif", ("-s", "2", "--strength", "0.5")),
        ("a.jpg", ("--longest", "777", "--format", "png")),
        ("a.jpg", ("--longest", "200")),
        ("grey.png", ("-s", "2", "--format", "jpeg", "--quality", "50")),
        ("clear.png", ("-s", "2")),
    ],
)
def test_the_size_of_the_file_is_told_within_a_quarter(name, options, tiny, capsys):
    picture = Image.fromarray(scene())
    if name == "clear.png":
        picture.putalpha(Image.fromarray(scene(seed=1)[:, :, 0]))
    (picture.convert("L") if name == "grey.png" else picture).save(name)
    told = call(capsys, name, *options, "--dry-run")[1][0]
    made = call(capsys, name, *options)[1][0]
    assert told["disk_bytes"] == pytest.approx((tiny / made["output"]).stat().st_size, rel=0.25)


def test_a_small_picture_is_its_own_sample(tiny, capsys):
    Image.fromarray(scene(60, 81)).save("a.png")
    told = call(capsys, "a.png", "--dry-run")[1][0]
    made = call(capsys, "a.png")[1][0]
    # How rows are grouped for the encoder is all that may differ.
    assert told["disk_bytes"] == pytest.approx((tiny / made["output"]).stat().st_size, rel=0.02)


def test_frames_that_hardly_change_cost_little(tiny, capsys):
    frames = [Image.fromarray(scene(60, 81)) for _ in range(9)]
    for index, frame in enumerate(frames):
        frame.paste((255, 0, 0), (index, 5, index + 4, 9))
    frames[0].save("a.gif", save_all=True, append_images=frames[1:], duration=50, loop=0)
    told = call(capsys, "a.gif", "-s", "2", "--dry-run")[1][0]
    made = call(capsys, "a.gif", "-s", "2")[1][0]
    assert told["disk_bytes"] == pytest.approx((tiny / made["output"]).stat().st_size, rel=0.3)


def test_after_its_budget_pictures_are_judged_by_others_of_their_kind(tiny, capsys, monkeypatch):
    monkeypatch.setattr(sampling, "BUDGET_S", 0.0)
    sampled = []
    original = sampling._sample
    monkeypatch.setattr(sampling, "_sample", lambda *given: sampled.append(1) or original(*given))
    for index in range(3):
        Image.fromarray(scene(60, 81, seed=index)).save(f"{index}.png")
    Image.fromarray(scene(60, 81)).save("a.jpg")
    code, plans = call(capsys, "0.png", "1.png", "2.png", "a.jpg", "--dry-run")
    assert (code, len(sampled)) == (0, 2)
    assert all(plan["disk_bytes"] > 0 and plan["seconds"] > 0 for plan in plans)


def too_little_memory(monkeypatch):
    monkeypatch.setattr("srcli.upscaling.stages.available_memory", lambda _: 1000)


def too_little_disk(monkeypatch):
    monkeypatch.setattr("srcli.upscaling.estimates.shutil.disk_usage", lambda _: Usage(0, 0, 1000))


def test_a_dry_run_adds_up_what_the_disk_has_to_hold(tiny, capsys, monkeypatch):
    for index in range(3):
        Image.fromarray(scene(60, 81)).save(f"{index}.png")
    size = call(capsys, "0.png", "--dry-run")[1][0]["disk_bytes"]
    monkeypatch.setattr(
        "srcli.upscaling.estimates.shutil.disk_usage", lambda _: Usage(0, 0, round(2.5 * size))
    )
    code, plans = call(capsys, "0.png", "1.png", "2.png", "--dry-run")
    assert code == 1
    assert [plan["action"] for plan in plans] == ["upscale", "upscale", "fail"]
    assert "are free on its disk" in plans[2]["error"]


def a_bug(monkeypatch):
    def fail(*_):
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("srcli.upscaling.inspection.plan_encoding", fail)


@pytest.mark.parametrize(
    ("words", "change", "code"),
    [
        (("good.png",), None, 0),
        (("good.png",), too_little_memory, 3),
        (("good.png",), too_little_disk, 1),
        (("good.png",), a_bug, 70),
        (("broken.png",), None, 1),
        (("good.png", "broken.png"), None, 1),
        (("good.png", "-o", "there.png"), None, 1),
        (("wide.png", "--format", "webp"), None, 1),
        (("good.png", "--seamless", "-s", "2.5"), None, 2),
        (("good.png", "--width", "0"), None, 2),
    ],
)
def test_a_dry_run_ends_as_the_run_does(words, change, code, tiny, capsys, monkeypatch):
    Image.fromarray(scene(40, 57)).save("good.png")
    Image.fromarray(scene(4, 5000)).save("wide.png")
    (tiny / "broken.png").write_bytes((tiny / "good.png").read_bytes()[:20])
    (tiny / "there.png").write_bytes(b"something")
    if change:
        change(monkeypatch)
    planned, plans = call(capsys, *words, "--dry-run")
    done, reports = call(capsys, *words)
    assert (planned, done) == (code, code)
    assert [plan["error"] for plan in plans] == [report["error"] for report in reports]
    assert (tiny / "there.png").read_bytes() == b"something"
