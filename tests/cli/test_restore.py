"""``srcli restore``, and generators that run one after the other, from the command line to files."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from srcli.cli.app import run
from tests import tiny_models
from tests.cli.conftest import save_picture


@pytest.fixture
def repair(tiny, tmp_path):
    """The name of a generator that keeps the size, beside ``tiny``."""
    tiny_models.install(tmp_path / "models", name="repair", scale=1)
    return "repair"


def restore(*words):
    return run(["restore", *map(str, words)])


def pixels_of(path):
    with Image.open(path) as picture:
        return np.asarray(picture)


def size_of(path):
    with Image.open(path) as picture:
        return picture.size


def test_a_picture_keeps_its_size_and_is_named_by_its_generator(repair, photo, capsys):
    assert restore(photo, "-m", repair) == 0
    made = photo.with_name("photo_repair.png")
    assert size_of(made) == (33, 24)
    assert not np.array_equal(pixels_of(made), pixels_of(photo))
    assert capsys.readouterr().err.startswith(f"{made}: 33x24 pixels, ")


def test_tiles_are_exact(repair, tmp_path):
    photo = tmp_path / "large.png"
    save_picture(photo, (61, 83))
    for name, options in (("whole.png", ()), ("tiled.png", ("--tile", 32))):
        assert restore(photo, "-m", repair, "-o", tmp_path / name, *options) == 0
    assert np.array_equal(pixels_of(tmp_path / "whole.png"), pixels_of(tmp_path / "tiled.png"))


def test_the_report_names_what_ran(repair, photo, capsys):
    assert restore(photo, "-m", repair, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["status"], report["model"], report["scale"]) == ("done", "repair-x1", 1.0)
    assert report["input_size"] == report["output_size"] == [33, 24]


def test_a_plan_says_restore(repair, photo, capsys):
    assert restore(photo, "-m", repair, "--dry-run", "--json") == 0
    plan = json.loads(capsys.readouterr().out)
    assert (plan["action"], plan["model"], plan["warnings"]) == ("restore", "repair-x1", [])
    assert restore(photo, "-m", repair, "--dry-run") == 0
    assert "1 of 1 to restore on cpu" in capsys.readouterr().out


def test_a_folder_is_gone_on_with(repair, tmp_path, capsys):
    for name in ("a", "b"):
        save_picture(tmp_path / "in" / f"{name}.png")
    words = (tmp_path / "in", "-o", f"{tmp_path}/out/", "-m", repair, "--resume")
    assert restore(*words) == 0
    (tmp_path / "out" / "b_repair.png").unlink()
    capsys.readouterr()
    assert restore(*words) == 0
    assert "1 done, 1 skipped, 0 failed" in capsys.readouterr().err


def test_no_strength_leaves_the_pixels_alone(repair, photo, tmp_path):
    assert restore(photo, "-m", repair, "--strength", 0, "-o", tmp_path / "same.png") == 0
    assert np.array_equal(pixels_of(tmp_path / "same.png"), pixels_of(photo))


def test_transparency_stays_what_it_was(repair, tmp_path):
    levels = np.random.default_rng(3).integers(0, 256, (24, 33, 4), dtype=np.uint8)
    Image.fromarray(levels).save(tmp_path / "cut.png")
    assert restore(tmp_path / "cut.png", "-m", repair) == 0
    assert np.array_equal(pixels_of(tmp_path / "cut_repair.png")[:, :, 3], levels[:, :, 3])


def test_sixteen_bits_stay(repair, tmp_path):
    levels = np.random.default_rng(3).integers(0, 65536, (24, 33), dtype=np.uint16)
    Image.fromarray(levels).save(tmp_path / "deep.png")
    assert restore(tmp_path / "deep.png", "-m", repair) == 0
    assert pixels_of(tmp_path / "deep_repair.png").dtype in (np.uint16, np.int32)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["restore", "-m", "tiny"], "tiny enlarges (x2, x3, x4) and does not keep the size"),
        (["restore", "-m", "bicubic"], "bicubic only enlarges"),
        (["restore", "-m", "auto"], "auto only enlarges"),
        (["restore", "-m", "repair,"], "'repair,' lacks a generator beside a comma"),
        (["upscale", "-m", "repair"], "repair keeps the size of pictures"),
        (["upscale", "-m", "repair,auto"], "auto chooses one generator for each picture, and goes alone"),
        (["upscale", "-m", "bicubic,tiny"], "bicubic is an interpolation, which comes last"),
        (["upscale", "-m", "tiny", "-s", "1"], "scale 1 keeps the size of a picture"),
    ],
)
def test_what_makes_no_sense_is_told(words, told, repair, photo, capsys):
    assert run([*words, str(photo)]) == 2
    assert told in capsys.readouterr().err
    assert list(photo.parent.iterdir()) == [photo]


def test_one_after_the_other_is_as_if_each_had_run_by_itself(repair, photo, tmp_path, capsys):
    middle, apart, together = (tmp_path / name for name in ("middle.png", "apart.png", "together.png"))
    assert restore(photo, "-m", repair, "-o", middle) == 0
    assert run(["upscale", "-s", "2", "-m", "tiny", str(middle), "-o", str(apart)]) == 0
    capsys.readouterr()
    assert run(["upscale", "-s", "2", "-m", "repair,tiny", str(photo), "-o", str(together), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["model"] == "repair-x1+tiny-x2"
    assert report["model_sha256"].count("+") == 1
    # The picture in between is rounded to 8 bits where each runs by itself.
    difference = np.abs(pixels_of(apart).astype(int) - pixels_of(together).astype(int))
    assert difference.max() <= 2


def test_a_chain_runs_in_the_order_given_and_in_exact_tiles(repair, tmp_path):
    photo = tmp_path / "large.png"
    save_picture(photo, (61, 83))
    for name, words in {
        "before.png": ("repair,tiny",),
        "after.png": ("tiny,repair",),
        "tiled.png": ("tiny,repair", "--tile", "32"),
    }.items():
        model, *options = words
        assert run(["upscale", "-s", "3", "-m", model, str(photo), "-o", str(tmp_path / name), *options]) == 0
    before, after, tiled = (pixels_of(tmp_path / f"{name}.png") for name in ("before", "after", "tiled"))
    assert before.shape == after.shape == (183, 249, 3)
    assert not np.array_equal(before, after)
    assert np.array_equal(after, tiled)


def test_an_interpolation_may_come_last(repair, photo, tmp_path, capsys):
    words = ["upscale", "-s", "2", "-m", "repair,bicubic", str(photo), "-o", str(tmp_path / "out.png")]
    assert run([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["model"] == "repair-x1+bicubic"
    assert size_of(tmp_path / "out.png") == (66, 48)


def test_two_that_repair(repair, photo, tmp_path):
    tiny_models.install(tmp_path / "models", name="again", scale=1)
    assert restore(photo, "-m", "repair,again") == 0
    assert size_of(photo.with_name("photo_repair_again.png")) == (33, 24)


def test_a_picture_that_is_large_enough_is_repaired_and_shrunk(repair, photo, tmp_path, capsys):
    words = ["upscale", "--longest", "20", "-m", "repair,tiny", str(photo), "-o", str(tmp_path / "out.png")]
    assert run(words) == 0
    assert "resized after repair-x1" in capsys.readouterr().err
    assert size_of(tmp_path / "out.png") == (20, 15)
