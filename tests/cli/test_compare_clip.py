"""``srcli compare`` of videos: a clip of methods side by side, and a page that shows it."""

from __future__ import annotations

import base64
import json
import re
import time

import numpy as np
import pytest

from srcli.cli.app import run
from tests import moving, tiny_models
from tests.cli.browser import open_browser, why_absent

pytest.importorskip("av", reason="the extra video is not installed")

INK = """
const canvas = document.querySelectorAll(".layer > canvas")[arguments[0]];
const copy = document.createElement("canvas");
[copy.width, copy.height] = [canvas.width, canvas.height];
copy.getContext("2d").drawImage(canvas, 0, 0);
return [copy.width, copy.height, [...copy.getContext("2d").getImageData(0, 0, copy.width, copy.height).data]];
"""

FRAME = "return document.getElementById('frame').textContent"


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
    assert len(moving.frames_of(_clip_in(target))) == 6


def _drawn(browser):
    """What the second canvas shows."""
    width, height, levels = browser.run(INK, 1)
    return np.reshape(levels, (height, width, 4))[:, :, :3].astype(float)


def _clip_in(page):
    """The clip that a page holds, as a file."""
    data = json.loads(re.search(r'id="data">(.*?)</script>', page.read_text(encoding="utf-8"), re.DOTALL)[1])
    inside = page.with_name("inside.mp4")
    inside.write_bytes(base64.b64decode(data["source"].partition(",")[2]))
    return inside


def until(holds, timeout_s=60.0):
    end_s = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < end_s, "it never came to hold"
        time.sleep(0.05)


@pytest.mark.skipif(why_absent() is not None, reason=str(why_absent()))
def test_the_page_shows_frames_in_the_viewer_of_pictures(tmp_path):
    clip, target = moving.clip(tmp_path / "even.mp4", frames=6), tmp_path / "page.html"
    assert compare(clip, "-o", target) == 0
    with open_browser(tmp_path / "browser") as browser:
        browser.open(target)
        browser.wait("return document.querySelectorAll('.layer > canvas').length === 2")
        browser.wait("return document.querySelectorAll('.loading').length === 0")
        assert browser.run(FRAME) == "Frame 1 of 6"
        captions = (
            "return [...document.querySelectorAll('.caption')].map((each) => each.firstChild.textContent)"
        )
        assert browser.run(captions) == ["bicubic", "nearest"]
        assert _drawn(browser).shape == (72, 104, 3)
        browser.click("#on")
        browser.wait(f"{FRAME} === 'Frame 2 of 6'")
        browser.press(".")
        browser.wait(f"{FRAME} === 'Frame 3 of 6'")
        expected = [frame[28:, 108:].astype(float) for _, frame in moving.frames_of(_clip_in(target))]
        until(lambda: np.argmin([np.abs(_drawn(browser) - frame).mean() for frame in expected]) == 2)
        assert np.abs(_drawn(browser) - expected[2]).mean() < 3
        browser.press("d")
        browser.wait("return document.querySelector('.difference') !== null")
        browser.wait("return document.querySelectorAll('.loading').length === 0")
        assert browser.log("browser") == []


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
