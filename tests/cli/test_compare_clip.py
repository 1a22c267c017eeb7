"""``srcli compare`` of videos: a clip of methods side by side, and a page that shows it."""

from __future__ import annotations

import base64
import json
import re

import numpy as np
import pytest

from srcli.cli.app import run
from tests import moving, tiny_models

pytest.importorskip("av", reason="the extra video is not installed")


@pytest.fixture
def clip(tmp_path):
    return moving.clip(tmp_path / "small.mp4", frames=6, uneven=True)


def compare(clip, *words):
    nearest = tiny_models.nearest(clip.parent / "nearest.onnx")
    return run(["compare", str(clip), "-s", "2", "-m", str(nearest), *map(str, words)])


def test_methods_stand_side_by_side_at_the_times_of_the_input(clip, capsys):
    target = clip.parent / "sides.mp4"
    assert compare(clip, "-o", target, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["panes"] == ["bicubic", "nearest"]
    frames = moving.frames_of(target)
    assert len(frames) == told["frames"] == 6
    assert frames[0][1].shape == (28 + 72, 2 * 104 + 4, 3)
    assert np.diff([pts for pts, _ in frames]).tolist() == np.diff(moving.times(6, uneven=True)).tolist()
    # Both show the same, up to how they interpolate and what the codec loses.
    left, right = frames[3][1][28:, :104].astype(float), frames[3][1][28:, 108:].astype(float)
    assert np.abs(left - right).mean() < 12
    assert not np.array_equal(left, right)


def test_the_truth_stands_last_and_a_part_can_be_chosen(clip, capsys):
    truth = moving.clip(clip.parent / "large.mp4", frames=6, uneven=True, size=(72, 104))
    target = clip.parent / "sides.mkv"
    assert compare(clip, "-o", target, "--reference", truth, "--crop", "10,6,40,30", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["panes"] == ["bicubic", "nearest", "reference"]
    assert told["crop"] == [10, 6, 40, 30]
    assert moving.frames_of(target)[0][1].shape == (58, 128, 3)


def test_the_page_holds_the_clip_and_needs_nothing_else(clip):
    target = clip.parent / "page.html"
    assert compare(clip, "-o", target) == 0
    page = target.read_text(encoding="utf-8")
    assert "http" not in page.replace("http-equiv", "")
    data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])
    assert data["times"] == [pts / 12800 for pts in moving.times(6, uneven=True)]
    (clip.parent / "inside.mp4").write_bytes(base64.b64decode(data["source"].partition(",")[2]))
    assert len(moving.frames_of(clip.parent / "inside.mp4")) == 6


def test_a_part_behind_the_end_is_an_error_and_leaves_nothing(clip, capsys):
    target = clip.parent / "sides.mp4"
    assert compare(clip, "-o", target, "--start", "99") == 1
    assert "small.mp4 has no frame in that part" in capsys.readouterr().err
    assert not target.exists()


def test_a_reference_of_another_size_or_length_is_refused(clip, capsys):
    target = clip.parent / "sides.mp4"
    small = moving.clip(clip.parent / "other.mp4", frames=6)
    assert compare(clip, "-o", target, "--reference", small) == 1
    short = moving.clip(clip.parent / "short.mp4", frames=3, size=(72, 104))
    assert compare(clip, "-o", target, "--reference", short) == 1
    assert "has fewer frames" in capsys.readouterr().err
    assert not target.exists()


def test_an_output_that_is_none_is_refused_before_the_work(clip, capsys):
    assert compare(clip, "-o", clip.parent / "sheet.png") == 1
    assert ".mp4 for a clip" in capsys.readouterr().err
    (clip.parent / "there.mp4").write_bytes(b"precious")
    assert compare(clip, "-o", clip.parent / "there.mp4") == 1
    assert compare(clip, "-o", clip.parent / "sides.mp4", "--crop", "90,60,40,30") == 2
