"""Segments: the same bytes each time, whole or not at all."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("av", reason="pip install '.[video]'")

import av
import clips

from srcli.core.errors import OutputError
from srcli.video.join import join
from srcli.video.plan import Wish, plan_output
from srcli.video.segment import SegmentWriter, encodable, segment_suffix
from srcli.video.video import open_video


@pytest.fixture
def opened(tmp_path):
    source = clips.make(tmp_path / "a.mp4", pts=30)
    with open_video(source) as video:
        yield video


def plan_for(video, codec, **wish):
    container = "mov" if codec == "prores" else "mkv"
    return plan_output(
        video.info, Wish(size=video.info.size.scaled(2), codec=codec, container=container, segment=10, **wish)
    )


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs the threads that Linux lists")
@pytest.mark.parametrize("codec", ["h264", "h265", "av1", "vp9", "ffv1", "prores"])
def test_no_thread_of_an_encoder_is_put_before_all_else(opened, tmp_path, codec):
    """Of a program that root runs, SVT-AV1 makes real-time threads, also of the one that opens it."""
    plan = plan_for(opened, codec)
    usual = os.sched_getscheduler(0)
    with SegmentWriter(tmp_path / f"a{segment_suffix(plan.encoding)}", plan.encoding) as writer:
        for frame in opened.frames():
            larger = frame.pixels().repeat(2, 0).repeat(2, 1)
            writer.write(encodable(larger, plan.encoding), frame.pts, frame.duration)
        policies = {os.sched_getscheduler(int(thread)) for thread in os.listdir("/proc/self/task")}
    assert policies == {usual}


@pytest.mark.parametrize("codec", ["h264", "h265", "av1", "vp9", "ffv1", "prores"])
def test_the_same_frames_give_the_same_bytes(opened, tmp_path, codec):
    plan = plan_for(opened, codec)
    made = []
    for turn in ("one", "two"):
        folder = tmp_path / turn
        folder.mkdir()
        segments = clips.write(opened.frames(), plan.encoding, folder)
        made.append([segment.path.read_bytes() for segment in segments])
    assert made[0] == made[1]
    assert [(segment.first_pts, segment.end_pts, segment.frames) for segment in segments] == [
        (5120 * n, 5120 * (n + 1), 10) for n in range(3)
    ]


@pytest.mark.parametrize("container", ["mp4", "mkv"])
def test_joining_twice_gives_the_same_bytes(opened, tmp_path, container):
    plan = plan_output(opened.info, Wish(size=opened.info.size.scaled(2), container=container, segment=10))
    segments = clips.write(opened.frames(), plan.encoding, tmp_path)
    for name in ("one", "two"):
        join(segments, plan, tmp_path / name, opened.path)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_progress_is_told_for_each_frame(opened, tmp_path):
    plan = plan_for(opened, "h264")
    segments = clips.write(opened.frames(), plan.encoding, tmp_path)
    told = []
    join(
        segments,
        plan,
        tmp_path / "b.mkv",
        opened.path,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(n, 30) for n in range(1, 31)]


def test_an_error_leaves_no_file(opened, tmp_path):
    plan = plan_for(opened, "h264")
    path = tmp_path / f"half{segment_suffix(plan.encoding)}"
    with pytest.raises(KeyError), SegmentWriter(path, plan.encoding) as writer:
        black = np.zeros((*plan.encoding.size, 3), np.float32)
        writer.write(encodable(black, plan.encoding), 0, 512)
        raise KeyError
    assert not path.exists()


def test_a_folder_that_is_not_there_is_told(opened, tmp_path):
    plan = plan_for(opened, "h264")
    with (
        pytest.raises(OutputError, match="cannot write"),
        SegmentWriter(tmp_path / "no" / "x.mp4", plan.encoding),
    ):
        pass


def test_a_segment_that_lacks_frames_is_no_part_of_a_video(opened, tmp_path):
    from dataclasses import replace

    plan = plan_for(opened, "h264")
    segments = clips.write(opened.frames(), plan.encoding, tmp_path)
    with pytest.raises(OutputError, match="holds 10 frames instead of 11"):
        join([replace(segments[0], frames=11), *segments[1:]], plan, tmp_path / "b.mkv", opened.path)


def test_pixels_of_8_bits_and_fractions_are_written_alike(opened, tmp_path):
    plan = plan_for(opened, "ffv1")
    levels = clips.picture(0, plan.encoding.size)
    files = []
    for name, pixels in (("one", levels), ("two", levels.astype(np.float32) / 255)):
        with SegmentWriter(tmp_path / f"{name}.mp4", plan.encoding) as writer:
            writer.write(encodable(pixels, plan.encoding), 7, 512)
        files.append((tmp_path / f"{name}.mp4").read_bytes())
    assert files[0] == files[1]


@pytest.mark.parametrize("codec", ["h264", "h265", "av1", "ffv1", "prores"])
def test_a_segment_lasts_until_its_last_frame_ends(opened, tmp_path, codec):
    """FFmpeg 9 takes a frame that the edit list doesn't reach for one that is not to be shown."""
    plan = plan_for(opened, codec).encoding
    with SegmentWriter(tmp_path / f"a{segment_suffix(plan)}", plan) as writer:
        for index, (pts, duration) in enumerate(((0, 512), (512, 2048), (2560, 4096))):
            writer.write(encodable(clips.picture(index, plan.size), plan), pts, duration)
    with av.open(str(writer.segment.path)) as container:
        stream = container.streams.video[0]
        assert stream.duration * stream.time_base == Fraction(6656, 12800)
        assert [frame.pts for frame in container.decode(stream)] == [0, 512, 2560]
