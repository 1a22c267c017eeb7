"""Files that are damaged, short, or no videos."""

from __future__ import annotations

from io import BytesIO
from itertools import pairwise

import pytest
from PIL import Image

pytest.importorskip("av", reason="pip install '.[video]'")

import av
import clips
import numpy as np

from srcli.core.errors import InputError
from srcli.video.spool import spool
from srcli.video.video import open_video


def refusal(path, **options):
    with pytest.raises(InputError) as caught, open_video(path, **options) as video:
        list(video.frames(strict=True))
    assert "\n" not in caught.value.message
    return caught.value


def read(path, **options):
    with open_video(path) as video:
        reader = video.frames(**options)
        return list(reader), reader


@pytest.mark.parametrize("suffix", ["mkv", "mp4"])
def test_a_truncated_file_gives_what_it_has_and_says_how_much_is_missing(tmp_path, suffix):
    options = {"movflags": "faststart"} if suffix == "mp4" else {}
    source = clips.make(tmp_path / f"a.{suffix}", pts=100, container_options=options)
    data = source.read_bytes()
    source.write_bytes(data[: len(data) * 6 // 10])
    frames, reader = read(source)
    assert 30 < len(frames) < 90
    assert abs(reader.missing - (100 - len(frames))) <= 1
    _plan, reader = clips.enlarged(source, tmp_path / f"b.{suffix}")
    assert len(clips.times(tmp_path / f"b.{suffix}")) == len(frames)


def test_a_whole_file_misses_nothing(tmp_path):
    for suffix in ("mp4", "mkv", "ts", "avi"):
        codec, base = (
            ("mpeg4", clips.Fraction(1, 25)) if suffix == "avi" else ("libx264", clips.Fraction(1, 90000))
        )
        source = clips.make(tmp_path / f"a.{suffix}", codec, base=base, options={})
        frames, reader = read(source)
        assert (len(frames), reader.missing, reader.damaged_packets, reader.damaged_frames) == (20, 0, 0, 0)


def test_mp4_without_its_index_is_refused(tmp_path):
    source = clips.make(tmp_path / "a.mp4")
    data = source.read_bytes()
    source.write_bytes(data[: data.rindex(b"moov") - 4])
    assert "damaged or not a video" in refusal(source).message


def noise(index):
    grain = np.random.default_rng(index).integers(0, 60, (*clips.SIZE, 3), np.uint8)
    return av.VideoFrame.from_ndarray(clips.picture(index) // 2 + grain, format="rgb24").reformat(
        format="yuv420p"
    )


def test_random_bytes_are_counted_and_concealed(tmp_path):
    source = clips.make(tmp_path / "a.mkv", pts=60, options={"preset": "medium"}, frame=noise)
    data = bytearray(source.read_bytes())
    with av.open(str(source)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size > 120]
    for packet in packets[10::4]:
        middle = packet.pos + packet.size // 2
        data[middle : middle + 30] = bytes(30)
    source.write_bytes(bytes(data))
    frames, reader = read(source)
    assert len(frames) > 10
    assert reader.damaged_packets + reader.damaged_frames > 0
    assert all(later.pts > sooner.pts for sooner, later in pairwise(frames))
    assert "damaged" in refusal(source).message


def test_a_hole_of_zeros_is_survived(tmp_path):
    source = clips.make(tmp_path / "a.ts", pts=60, base=clips.Fraction(1, 90000))
    data = source.read_bytes()
    middle = len(data) // 2 // 188 * 188
    source.write_bytes(data[:middle] + bytes(188 * 20) + data[middle + 188 * 20 :])
    frames, _ = read(source)
    assert len(frames) > 20


@pytest.mark.parametrize("content", [b"", b"words\n" * 50, bytes(5000)])
def test_what_is_no_video_is_refused(tmp_path, content):
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    assert str(path) in refusal(path).message


def test_a_folder_and_a_missing_file_are_refused(tmp_path):
    assert "folder" in refusal(tmp_path).message
    assert "no such file" in refusal(tmp_path / "none.mp4").message


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "JPEG"])
def test_pictures_and_animations_are_left_to_upscale(tmp_path, kind):
    path = tmp_path / f"a.{kind.lower()}"
    image = Image.fromarray(clips.picture(0))
    more = {} if kind == "JPEG" else {"save_all": True, "append_images": [Image.fromarray(clips.picture(9))]}
    image.save(path, kind, **more)
    error = refusal(path)
    assert "picture or an animation" in error.message
    assert error.hint == f"srcli upscale {path}"


def test_sound_alone_is_refused(tmp_path):
    path = tmp_path / "a.m4a"
    with av.open(str(path), "w", format="mp4") as container:
        clips.tones(container, clips.sound(container))
    assert "no video stream" in refusal(path).message


def test_a_header_without_frames_is_refused(tmp_path):
    path = clips.make(tmp_path / "a.mkv", "ffv1", pts=1)
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"\x1f\x43\xb6\x75")])
    assert "frame" in refusal(path).message


def test_a_stream_that_is_no_video_is_refused_with_those_that_are(tmp_path):
    source = clips.make(tmp_path / "a.mp4")
    assert "its video streams are 0" in refusal(source, stream=3).message


def test_names_of_all_kinds_are_read(tmp_path):
    for name in (
        "with space.mp4",
        "-dash.mp4",
        "überfluß.mp4",
        "con%d.mp4",
        "http:x.mp4",
        "n" * 251 + ".mp4",
    ):
        source = clips.make(tmp_path / "plain.mp4", pts=2)
        assert len(clips.times(source.rename(tmp_path / name))) == 2


def test_another_size_in_the_middle_is_brought_to_the_first_one(tmp_path):
    small = clips.make(tmp_path / "small.ts", pts=10, base=clips.Fraction(1, 90000))
    large = clips.make(
        tmp_path / "large.ts",
        size=clips.Size(96, 128),
        pts=[3600 * n + 36000 for n in range(10)],
        base=clips.Fraction(1, 90000),
    )
    both = tmp_path / "both.ts"
    both.write_bytes(small.read_bytes() + large.read_bytes())
    frames, reader = read(both)
    assert {frame.pixels().shape for frame in frames} == {(48, 64, 3)}
    assert reader.resized == 10


@pytest.mark.parametrize("suffix", ["mkv", "mp4"])
def test_a_pipe_is_kept_in_a_file_since_mp4_may_end_with_its_index(tmp_path, suffix):
    source = clips.make(tmp_path / f"a.{suffix}")
    path = spool(BytesIO(source.read_bytes()), tmp_path)
    assert clips.times(path) == clips.times(source)


def test_an_empty_pipe_is_refused_and_leaves_nothing(tmp_path):
    with pytest.raises(InputError, match="it is empty"):
        spool(BytesIO(b""), tmp_path)
    assert list(tmp_path.iterdir()) == []
