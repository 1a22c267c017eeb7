"""``--shard``: several runs with the same words do each picture once."""

from __future__ import annotations

import json

import pytest

from srcli.cli.app import run
from tests.cli.conftest import save_picture


@pytest.fixture
def photos(tmp_path):
    for number in range(9):
        save_picture(tmp_path / "in" / ("below" if number % 2 else "") / f"{number}.png", seed=number)
    return tmp_path / "in"


def outputs(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.png"))


def upscale(*words):
    return run(["upscale", *map(str, words), "-s", "2", "--quiet"])


def test_all_shards_together_do_each_picture_once(tiny, photos, tmp_path, capsys):
    done = []
    for index in range(3):
        assert (
            upscale("-r", photos, "-o", tmp_path / "out", "-m", tiny, "--shard", f"{index}/3", "--json") == 0
        )
        done += [json.loads(line)["output"] for line in capsys.readouterr().out.splitlines()]
    assert len(done) == len(set(done)) == 9
    assert upscale("-r", photos, "-o", tmp_path / "whole", "-m", tiny) == 0
    assert outputs(tmp_path / "out") == outputs(tmp_path / "whole")


def test_a_shard_is_the_same_wherever_the_folder_is_mounted(tiny, photos, tmp_path):
    assert upscale("-r", photos, "-o", tmp_path / "one", "-m", tiny, "--shard", "1/3") == 0
    photos.rename(tmp_path / "elsewhere")
    assert upscale("-r", tmp_path / "elsewhere", "-o", tmp_path / "two", "-m", tiny, "--shard", "1/3") == 0
    assert outputs(tmp_path / "one") == outputs(tmp_path / "two")


def test_a_shard_again_changes_nothing_with_resume(tiny, photos, tmp_path, capsys):
    words = ("-r", photos, "-o", tmp_path / "out", "-m", tiny, "--shard", "2/3", "--json")
    assert upscale(*words) == 0
    first = capsys.readouterr().out.splitlines()
    assert upscale(*words, "--resume") == 0
    again = [json.loads(line)["status"] for line in capsys.readouterr().out.splitlines()]
    assert again == ["skipped"] * len(first)


def test_a_shard_without_pictures_is_no_error(tiny, photo, tmp_path):
    codes = [upscale(photo, "-o", f"{tmp_path}/out/", "-m", tiny, "--shard", f"{i}/4") for i in range(4)]
    assert codes == [0] * 4
    assert outputs(tmp_path / "out") == ["photo_x2.png"]


def test_two_inputs_for_one_output_are_refused_in_every_shard(tiny, photo, tmp_path, capsys):
    (photo.parent / "other").mkdir()
    save_picture(photo.parent / "other" / "photo.png")
    for index in range(3):
        words = (photo, photo.parent / "other" / "photo.png", "-o", f"{tmp_path}/out/", "-m", tiny)
        assert upscale(*words, "--shard", f"{index}/3") == 1
        assert "would both become" in capsys.readouterr().err


def test_a_missing_input_is_told_once(tiny, photo, tmp_path):
    words = (photo, tmp_path / "none.png", "-o", f"{tmp_path}/out/", "-m", tiny)
    assert sorted(upscale(*words, "--shard", f"{i}/3") for i in range(3)) == [0, 0, 1]


def test_standard_input_is_not_shared_out(tiny, capsys):
    assert upscale("-", "-m", tiny, "-o", "x.png", "--shard", "1/2") == 2
    assert "--shard" in capsys.readouterr().err


def test_degrade_shares_out_too(photos, tmp_path):
    for index in range(3):
        words = ["degrade", str(photos), "-r", "-o", f"{tmp_path}/low/", "-s", "2", "--shard", f"{index}/3"]
        assert run(words) == 0
    assert outputs(tmp_path / "low") == outputs(photos)
