"""Frames of two moments: refused, or made frames of one."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

pytest.importorskip("av", reason="pip install '.[video]'")

import clips

from srcli.core.errors import InputError
from srcli.core.geometry import Size
from srcli.video.info import Interlace
from srcli.video.video import Position, open_video

ORDERS = [("t", Interlace.TOP_FIRST), ("b", Interlace.BOTTOM_FIRST)]
PAL = Size(576, 720)
KINDS = {
    "mp4": ("libx264", {"x264-params": "interlaced=1", "crf": "4"}, Fraction(1, 12800)),
    "mpg": ("mpeg2video", {"flags": "+ildct+ilme", "q": "2"}, Fraction(1, 25)),
    "mkv": ("ffv1", {"flags": "+ildct"}, Fraction(1, 12800)),
}


def described(frames):
    return [(frame.index, frame.pts, frame.duration, frame.pixels().tobytes()) for frame in frames]


def bars(frames):
    """How far the bar's middle is from where the first field of each frame shows it, in pixels."""
    found = []
    for index, pixels in enumerate(frames):
        bright = pixels[:, :, 0] > 0.5
        middle = (bright * np.arange(pixels.shape[1])).sum() / bright.sum()
        found.append(middle - clips.bar(2 * index) - 5.5)
    return np.abs(found)


def test_interlaced_videos_are_refused_with_the_option_that_helps(tmp_path):
    source = clips.fields(tmp_path / "a.mp4", order="t")
    with pytest.raises(InputError, match="interlaced \\(top field first\\)") as caught, open_video(source):
        pass
    assert "--deinterlace" in caught.value.hint


@pytest.mark.parametrize("way", ["auto", "on"])
def test_deinterlacing_keeps_times_and_takes_the_combs_away(tmp_path, way):
    source = clips.fields(tmp_path / "a.mp4", order="t")
    combed, smooth = (clips.pixels(source, deinterlace=each) for each in ("off", way))
    times = [clips.times(source, deinterlace=each) for each in ("off", way)]
    assert times[0] == times[1]
    assert clips.info(source, deinterlace=way).interlace is Interlace.TOP_FIRST

    def combs(frames):
        return np.mean([np.abs(np.diff(frame[:, :, 0], axis=0)).mean() for frame in frames[2:-2]])

    assert combs(smooth) < combs(combed) / 4


def test_deinterlacing_leaves_progressive_frames_alone(tmp_path):
    source = clips.make(tmp_path / "a.mp4", pts=6)
    for one, other in zip(clips.pixels(source), clips.pixels(source, deinterlace="auto"), strict=True):
        assert np.array_equal(one, other)


def test_deinterlacing_goes_on_with_the_same_frames(tmp_path):
    source = clips.fields(tmp_path / "a.mp4", order="t")
    with open_video(source, deinterlace="auto") as video:
        whole = described(video.frames())
        assert described(video.frames(after=Position(9, whole[9][1]))) == whole[10:]


@pytest.mark.parametrize(("order", "told"), ORDERS)
@pytest.mark.parametrize("suffix", KINDS)
def test_the_field_that_is_shown_first_is_the_one_that_is_kept(tmp_path, suffix, order, told):
    """With the other field, the bar would be 4 pixels further."""
    codec, options, base = KINDS[suffix]
    source = clips.fields(tmp_path / f"a.{suffix}", codec, order=order, options=options, base=base)
    with pytest.raises(InputError, match=told.value), open_video(source):
        pass
    for way in ("auto", "on"):
        assert clips.info(source, deinterlace=way).interlace is told
        # The first frame and the last have no neighbour to fill their lines from.
        assert bars(clips.pixels(source, deinterlace=way))[1:-1].max() < 0.6
    assert bars(clips.pixels(source, deinterlace="off")).min() > 1.5


@pytest.mark.parametrize(("order", "told"), ORDERS)
def test_tapes_of_pal_are_refused_and_can_be_deinterlaced(tmp_path, order, told):
    source = clips.fields(
        tmp_path / "a.mov", "dvvideo", order=order, options={}, base=Fraction(1, 25), size=PAL, pts=4
    )
    with pytest.raises(InputError, match=told.value), open_video(source):
        pass
    info = clips.info(source, deinterlace="auto")
    assert (info.size, info.interlace, info.colour.matrix) == (PAL, told, 5)
    assert bars(clips.pixels(source, deinterlace="auto"))[1:-1].max() < 0.6
    plan, _ = clips.enlarged(source, tmp_path / "b.mp4", scale=1, deinterlace="auto", preset="ultrafast")
    assert clips.info(tmp_path / "b.mp4").interlace is Interlace.PROGRESSIVE
    assert plan.encoding.colour.matrix == 5
    assert [time for time, _ in clips.times(tmp_path / "b.mp4")] == [Fraction(n, 25) for n in range(4)]


@pytest.mark.parametrize(("number", "order"), [(2, "t"), (3, "b"), (4, "b"), (5, "t")])
def test_where_only_the_header_tells_of_fields_that_is_said(tmp_path, number, order):
    """By FFmpeg's number of how fields are stored and shown; their frames would stay combed in silence."""
    source = clips.fields(
        tmp_path / "a.mkv", "ffv1", order=order, marked=False, options={}, field_order=number
    )
    told = dict(ORDERS)[order]
    with pytest.raises(InputError, match=told.value) as caught, open_video(source):
        pass
    assert "--deinterlace on" in caught.value.hint
    (note,) = clips.info(source, deinterlace="auto").notes
    assert f"its header alone says interlaced ({told.value}); --deinterlace on" in note
    assert clips.info(source, deinterlace="on").notes == ()
    assert bars(clips.pixels(source, deinterlace="on"))[1:-1].max() < 0.6


def test_fields_that_begin_in_the_middle_are_refused_with_their_order_and_their_time(tmp_path):
    source = clips.fields_later(tmp_path / "a.mkv", order="b", first=8)
    with open_video(source) as video, pytest.raises(InputError) as caught:
        list(video.frames())
    assert "it is interlaced (bottom field first) from 0.32 s on" in caught.value.message
