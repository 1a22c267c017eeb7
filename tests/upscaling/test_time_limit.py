"""How long one picture may take."""

from __future__ import annotations

import pytest
from PIL import Image

from srcli.cli.app import run
from srcli.core.errors import OutputError
from srcli.upscaling import time_limit
from srcli.upscaling.time_limit import Patience
from tests import tiny_models
from tests.clocks import replace_clock


@pytest.fixture
def clock(monkeypatch):
    """A clock that goes on by a step whenever it is looked at."""
    return replace_clock(monkeypatch, time_limit)


def test_what_comes_in_time_is_done(clock):
    patient = Patience("a.png", 10.0)
    clock.now = 9.0
    assert patient.checking(lambda first, *, second: first + second)(1, second=2) == 3


def test_what_comes_too_late_is_not_done(clock):
    patient, done = Patience("a.png", 10.0), []
    clock.now = 11.0
    with pytest.raises(OutputError, match=r"gave a\.png up: enlarging it takes longer than 10 seconds"):
        patient.checking(done.append)(1)
    assert done == []


def test_without_a_limit_nothing_is_too_late(clock):
    patient = Patience("a.png", None)
    clock.now = 1e9
    patient.check()


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    """A folder of a still picture and an animation, and a generator named ``tiny``."""
    tiny_models.install(tmp_path, name="tiny", scale=2)
    monkeypatch.setenv("SRCLI_MODELS", str(tmp_path))
    folder = tmp_path / "in"
    folder.mkdir()
    noise = [Image.effect_noise((45, 33), 60 + index).convert("RGB") for index in range(3)]
    noise[0].save(folder / "still.png")
    noise[1].save(folder / "moves.webp", save_all=True, append_images=noise[2:], lossless=True)
    return folder


@pytest.mark.parametrize("model", ["tiny", "bicubic"])
def test_a_picture_that_takes_too_long_is_given_up_and_leaves_nothing(
    model, pictures, clock, tmp_path, capsys
):
    clock.step = 100.0
    words = ["upscale", str(pictures), "-o", str(tmp_path / "out"), "-s", "2", "-m", model, "--device", "cpu"]
    assert run([*words, "--timeout", "50"]) == 1
    err = capsys.readouterr().err
    assert err.count("takes longer than 50 seconds") == 2
    assert "hint: allow more with --timeout SECONDS" in err
    assert [path.name for path in (tmp_path / "out").glob("[!.]*")] == []
    assert run(words) == 0


def test_reading_is_bounded_by_it_as_well(pictures, tmp_path, capsys):
    words = ["upscale", str(pictures), "-o", str(tmp_path / "out"), "-s", "2", "-m", "bicubic"]
    assert run([*words, "--timeout", "1e-9"]) == 1
    assert capsys.readouterr().err.count("it takes longer than 1e-09 seconds") == 2


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf"])
def test_a_timeout_that_is_no_time_is_a_usage_error(seconds, pictures, capsys):
    assert run(["upscale", str(pictures), "-m", "bicubic", "--timeout", seconds]) == 2
    assert "makes no sense" in capsys.readouterr().err


def test_a_picture_is_given_up_in_the_middle_of_a_tile(clock, tmp_path, capsys):
    def endless(path, scale):
        return tiny_models.endless(path, scale, beyond=256)

    tiny_models.install(tmp_path, build=endless, name="endless", overlap=0)
    (tmp_path / "in").mkdir()
    for height in (20, 300):
        Image.new("RGB", (30, height), "navy").save(tmp_path / "in" / f"{height}.png")
    clock.step = 2.0
    words = ["-s", "2", "-m", str(tmp_path / "endless-x2.onnx"), "--device", "cpu", "--timeout", "60"]
    assert run(["upscale", str(tmp_path / "in"), "-o", str(tmp_path / "out"), *words]) == 1
    err = capsys.readouterr().err
    assert "300.png up: enlarging it takes longer than 60 seconds" in err
    assert "1 done, 0 skipped, 1 failed" in err
    assert [path.name for path in (tmp_path / "out").glob("[!.]*")] == ["20_x2.png"]
