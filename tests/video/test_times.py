"""Every frame's time, to the tick."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest

pytest.importorskip("av", reason="pip install '.[video]'")

import av
import clips

GAPS = [0, 1, 2, 515, 1027, 26627, 27000, 27001, 40000, 65600, 65700, 65800]


@pytest.mark.parametrize(
    ("suffix", "codec"), [("mp4", "h264"), ("mov", "h264"), ("mp4", "h265"), ("mp4", "av1"), ("mp4", "vp9")]
)
def test_variable_frame_rates_keep_every_tick(tmp_path, suffix, codec):
    source = clips.make(tmp_path / "a.mp4", pts=GAPS, container_options={"movie_timescale": "12800"})
    clips.enlarged(
        source,
        tmp_path / f"b.{suffix}",
        codec=codec,
        preset={"av1": "11", "vp9": "8"}.get(codec, "ultrafast"),
    )
    assert clips.times(tmp_path / f"b.{suffix}") == clips.times(source)


def test_segments_of_dense_and_then_sparse_frames_join_without_a_gap(tmp_path):
    dense = [*range(0, 60, 3), *range(60, 60 + 10 * 5000, 5000)]
    source = clips.make(tmp_path / "a.mp4", pts=dense, container_options={"movie_timescale": "12800"})
    clips.enlarged(source, tmp_path / "b.mp4", segment=7, preset="medium")
    assert clips.times(tmp_path / "b.mp4") == clips.times(source)


def test_the_track_is_as_long_as_before(tmp_path):
    source = clips.make(
        tmp_path / "a.mp4",
        pts=GAPS,
        options={"preset": "medium"},
        container_options={"movie_timescale": "12800"},
    )
    clips.enlarged(source, tmp_path / "b.mp4", segment=5, preset="medium")
    end = clips.times(source)[-1]
    with av.open(str(tmp_path / "b.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.start_time + stream.duration) * stream.time_base == sum(end)


@pytest.mark.parametrize("first", [12345, 48600])
def test_a_late_start_stays_late(tmp_path, first):
    source = clips.make(
        tmp_path / "a.mp4",
        pts=[first + 512 * n for n in range(12)],
        container_options={"movie_timescale": "12800"},
    )
    clips.enlarged(source, tmp_path / "b.mp4", segment=5)
    assert clips.times(tmp_path / "b.mp4")[0][0] == Fraction(first, 12800)
    assert clips.times(tmp_path / "b.mp4") == clips.times(source)


def test_rates_that_are_no_whole_numbers_stay_exact(tmp_path):
    rate = Fraction(30000, 1001)
    source = clips.make(tmp_path / "a.mp4", pts=20, base=Fraction(1, 30000), rate=rate)
    clips.enlarged(source, tmp_path / "b.mp4")
    assert [time for time, _ in clips.times(tmp_path / "b.mp4")] == [n / rate for n in range(20)]


def test_matroska_is_right_to_the_millisecond_and_says_that_it_rounds(tmp_path):
    source = clips.make(tmp_path / "a.mp4", pts=20, base=Fraction(1, 30000), rate=Fraction(30000, 1001))
    plan, _ = clips.enlarged(source, tmp_path / "b.mkv")
    pairs = zip(clips.times(source), clips.times(tmp_path / "b.mkv"), strict=True)
    assert max(abs(old[0] - new[0]) for old, new in pairs) <= Fraction(1, 1000)
    assert any("milliseconds" in loss for loss in plan.losses)


def test_a_transport_stream_begins_at_zero_with_its_distances_kept(tmp_path):
    source = clips.make(
        tmp_path / "a.ts", pts=[3600 * n + 130000 for n in range(15)], base=Fraction(1, 90000)
    )
    clips.enlarged(source, tmp_path / "b.mp4")
    old, new = clips.times(source), clips.times(tmp_path / "b.mp4")
    assert [time - old[0][0] for time, _ in old] == [time - new[0][0] for time, _ in new]
    assert new[0][0] < Fraction(1, 5)


def test_a_raw_stream_gets_times_from_its_rate(tmp_path):
    source = clips.make(tmp_path / "a.h264", pts=10)
    assert clips.times(source) == [(Fraction(n, 25), Fraction(1, 25)) for n in range(10)]
    clips.enlarged(source, tmp_path / "b.mkv")
    assert [time for time, _ in clips.times(tmp_path / "b.mkv")] == [Fraction(n, 25) for n in range(10)]


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [("avi", "mpeg4"), ("flv", "flv"), ("mpg", "mpeg2video"), ("ogv", "libvpx"), ("y4m", "y4m")],
)
def test_old_containers_are_read_with_all_their_frames(tmp_path, suffix, codec):
    source = tmp_path / f"a.{suffix}"
    if codec == "y4m":
        clips.make(source, "wrapped_avframe", base=Fraction(1, 25), muxer="yuv4mpegpipe")
    elif codec == "libvpx":
        clips.make(source, codec, muxer="ogg", options={"deadline": "realtime"}, base=Fraction(1, 25))
    else:
        base = Fraction(1, 1000) if codec == "flv" else Fraction(1, 25)
        clips.make(source, codec, base=base, options={})
    clips.enlarged(source, tmp_path / "b.mkv", codec="h264")
    seconds = [time for time, _ in clips.times(tmp_path / "b.mkv")]
    assert len(seconds) == 20
    assert {later - sooner for sooner, later in pairwise(seconds)} == {Fraction(1, 25)}


def test_one_frame_is_a_video(tmp_path):
    source = clips.make(tmp_path / "a.mp4", pts=1)
    clips.enlarged(source, tmp_path / "b.mp4")
    assert clips.times(tmp_path / "b.mp4") == clips.times(source)


def test_sound_stays_at_its_distance_from_the_picture(tmp_path):
    def before(container, stream):
        return clips.sound(container)

    def after(container, stream, index):
        if index == 0:
            clips.tones(container, stream, start=14400)

    source = clips.make(tmp_path / "a.mp4", before=before, after=after)
    clips.enlarged(source, tmp_path / "b.mp4", segment=6)
    assert clips.packets(tmp_path / "b.mp4") == clips.packets(source)
    assert clips.times(tmp_path / "b.mp4") == clips.times(source)
    clips.enlarged(source, tmp_path / "b.mkv", segment=6)
    distances = [
        clips.packets(path)[0][0][0] - clips.times(path)[0][0] for path in (source, tmp_path / "b.mkv")
    ]
    assert abs(distances[0] - distances[1]) <= Fraction(1, 1000)
