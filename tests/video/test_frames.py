"""Frames on their way: parts, going on, repeats."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

pytest.importorskip("av", reason="pip install '.[video]'")

import clips

from srcli.video.video import Part, Position, open_video


def described(frames):
    return [(frame.index, frame.pts, frame.duration, frame.pixels().tobytes()) for frame in frames]


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts", "h264"])
@pytest.mark.parametrize(
    "options", [{"preset": "medium"}, {"x264-params": "open-gop=1:keyint=9:min-keyint=4"}]
)
def test_going_on_behind_any_frame_gives_the_same_frames(tmp_path, suffix, options):
    source = clips.make(tmp_path / f"a.{suffix}", pts=40, options=options)
    with open_video(source) as video:
        whole = described(video.frames())
        for at in (0, 7, 20, 38):
            rest = described(video.frames(after=Position(at, whole[at][1])))
            assert rest == whole[at + 1 :]


def test_open_groups_of_pictures_in_h265_go_on_as_well(tmp_path):
    source = clips.make(
        tmp_path / "a.mp4", "libx265", pts=40, options={"x265-params": "open-gop=1:keyint=10:bframes=3"}
    )
    with open_video(source) as video:
        whole = described(video.frames())
        for at in (5, 11, 25):
            assert described(video.frames(after=Position(at, whole[at][1]))) == whole[at + 1 :]


def test_a_part_counts_from_its_own_first_frame_and_goes_on_as_well(tmp_path):
    source = clips.make(tmp_path / "a.mp4", pts=40)
    with open_video(source) as video:
        whole = described(video.frames())
        part = described(video.frames(Part(0.4, 0.8)))
        assert [frame[1:] for frame in part] == [frame[1:] for frame in whole[10:30]]
        assert [frame[0] for frame in part] == list(range(20))
        assert described(video.frames(Part(0.4, 0.8), after=Position(6, part[6][1]))) == part[7:]


def test_a_part_behind_the_end_is_empty(tmp_path):
    source = clips.make(tmp_path / "a.mp4", pts=4)
    with open_video(source) as video:
        assert list(video.frames(Part(10))) == []


@pytest.mark.parametrize(
    ("part", "seconds"), [(Part(), 8), (Part(3), 5), (Part(3, 2), 2), (Part(3, 9), 5), (Part(9), 0)]
)
def test_the_length_of_a_part_ends_with_the_video(part, seconds):
    assert part.length_s(8.0) == seconds


def test_frames_that_repeat_the_last_one_exactly_are_known(tmp_path):
    source = clips.make(tmp_path / "a.mkv", "ffv1", frame=lambda index: clips.smooth(index // 2), pts=8)
    with open_video(source) as video:
        assert [frame.repeats for frame in video.frames()] == [False, True] * 4


def test_pixels_can_be_asked_for_later_and_twice(tmp_path):
    source = clips.make(tmp_path / "a.mp4", pts=6)
    with open_video(source) as video:
        frames = list(video.frames())
    assert np.array_equal(frames[0].pixels(), frames[0].pixels())
    assert not np.array_equal(frames[0].pixels(), frames[5].pixels())


def test_durations_reach_from_frame_to_frame(tmp_path):
    source = clips.make(tmp_path / "a.mp4", pts=[0, 100, 1000, 5000])
    assert [length for _, length in clips.times(source)][:3] == [Fraction(n, 12800) for n in (100, 900, 4000)]
