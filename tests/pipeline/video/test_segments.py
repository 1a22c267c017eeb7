"""Segments in the making, and what is noted of them."""

from __future__ import annotations

import json

import pytest

from srcli.core.errors import OutputError
from srcli.pipeline.video.segments import SegmentJournal, forget
from srcli.video.segment import Segment
from srcli.video.video import Position

KEY = {"input": "clip.mp4", "target": "x2", "part": None}


def journal(tmp_path, key=KEY):
    return SegmentJournal(tmp_path / "clip_x2.mp4", key, ".mp4")


def make(made, number, frames=3):
    """A segment with bytes that tell it from others."""
    first = number * frames
    made.part.write_bytes(b"segment %d" % number)
    made.finish(
        Segment(made.part, 10 * first, 10 * (first + frames), frames),
        Position(first + frames - 1, 10 * (first + frames - 1)),
        repeated=1,
        damaged_frames=0,
        damaged_packets=0,
    )


def cut_short(tmp_path, count=2):
    """A run that made some segments and began another one."""
    made = journal(tmp_path)
    with pytest.raises(KeyboardInterrupt), made.making(resume=False):
        for number in range(count):
            make(made, number)
        made.part.write_bytes(b"half a segm")
        raise KeyboardInterrupt
    return made


def test_finished_segments_outlive_an_interrupt_and_the_begun_one_does_not(tmp_path):
    made = cut_short(tmp_path)
    assert sorted(path.name for path in made.folder.iterdir()) == [
        "000000.json",
        "000000.mp4",
        "000001.json",
        "000001.mp4",
        "key.json",
    ]


def test_a_later_run_goes_on_behind_them(tmp_path):
    cut_short(tmp_path)
    made = journal(tmp_path)
    with made.making(resume=True):
        assert made.frames == 6
        assert made.notes[-1].position == Position(5, 50)
        assert [segment.first_pts for segment in made.segments] == [0, 30]
        assert made.segments[1].path.read_bytes() == b"segment 1"
    assert not made.folder.exists()


def test_without_resume_it_begins_again(tmp_path):
    cut_short(tmp_path)
    made = journal(tmp_path)
    with made.making(resume=False):
        assert made.notes == []
        assert [path.name for path in made.folder.iterdir()] == ["key.json"]


def test_other_settings_begin_again_and_say_what_differs(tmp_path):
    cut_short(tmp_path)
    made = journal(tmp_path, {**KEY, "target": "x4"})
    with made.making(resume=True):
        assert made.notes == []
        assert made.why_anew == "other than before: target"


def test_a_segment_that_changed_and_all_after_it_are_made_again(tmp_path):
    made = cut_short(tmp_path, 3)
    (made.folder / "000001.mp4").write_bytes(b"something else")
    made = journal(tmp_path)
    with made.making(resume=True):
        assert made.frames == 3
        assert sorted(path.name for path in made.folder.iterdir()) == [
            "000000.json",
            "000000.mp4",
            "key.json",
        ]


@pytest.mark.parametrize("name", ["000001.json", "000001.mp4"])
def test_a_segment_without_its_note_or_the_reverse_is_made_again(tmp_path, name):
    made = cut_short(tmp_path)
    (made.folder / name).unlink()
    made = journal(tmp_path)
    with made.making(resume=True):
        assert made.frames == 3


@pytest.mark.parametrize("text", ["", "{", "[]", '{"frames": 3}'])
def test_a_torn_note_is_no_note(tmp_path, text):
    made = cut_short(tmp_path)
    (made.folder / "000001.json").write_text(text, encoding="utf-8")
    made = journal(tmp_path)
    with made.making(resume=True):
        assert made.frames == 3


@pytest.mark.parametrize("text", ["", "[1]", "nonsense"])
def test_a_torn_key_begins_again(tmp_path, text):
    made = cut_short(tmp_path)
    (made.folder / "key.json").write_text(text, encoding="utf-8")
    made = journal(tmp_path)
    with made.making(resume=True):
        assert made.notes == []


def test_a_run_that_fails_before_the_first_segment_leaves_nothing(tmp_path):
    made = journal(tmp_path)
    with pytest.raises(KeyboardInterrupt), made.making(resume=False):
        made.part.write_bytes(b"half")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_two_runs_do_not_make_one_output(tmp_path):
    with (
        journal(tmp_path).making(resume=False),
        pytest.raises(OutputError, match="another run is making"),
        journal(tmp_path).making(resume=False),
    ):
        pass


def test_a_refusal_of_the_disk_is_an_error_that_names_the_output(tmp_path):
    with (
        pytest.raises(OutputError, match=r"cannot write \S+clip_x2.mp4: No space left"),
        journal(tmp_path).making(resume=False),
    ):
        raise OSError(28, "No space left on device")


def test_what_a_finished_output_left_behind_is_forgotten_unless_a_run_holds_it(tmp_path):
    made = cut_short(tmp_path)
    with journal(tmp_path).making(resume=True):
        forget(tmp_path / "clip_x2.mp4")
        assert made.folder.is_dir()
    cut_short(tmp_path)
    forget(tmp_path / "clip_x2.mp4")
    assert not made.folder.exists()


def test_the_key_is_compared_as_json_holds_it(tmp_path):
    made = journal(tmp_path, {"size": (3, 4)})
    with made.making(resume=False):
        assert json.loads((made.folder / "key.json").read_text(encoding="utf-8")) == {"size": [3, 4]}
        make(made, 0)
        again = SegmentJournal(tmp_path / "clip_x2.mp4", {"size": (3, 4)}, ".mp4")
        assert again._key == made._key
