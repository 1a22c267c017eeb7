"""Clips that lie, lack what clips have, or change on the way: each right, or refused with one clear line."""

from __future__ import annotations

import struct
from fractions import Fraction
from itertools import pairwise

import pytest

pytest.importorskip("av", reason="pip install '.[video]'")

import av
import clips
import numpy as np

from srcli.core.errors import InputError, OutputError
from srcli.core.geometry import Size
from srcli.video.info import Interlace
from srcli.video.pixel_formats import describe
from srcli.video.video import Part, open_video

EVEN = [Fraction(n, 25) for n in range(20)]
FINE = Fraction(1, 90000)
KEY = {
    "encryption_scheme": "cenc-aes-ctr",
    "encryption_key": "0123456789abcdef" * 2,
    "encryption_kid": "fedcba9876543210" * 2,
}


def refusal(path, **options):
    with pytest.raises(InputError) as caught, open_video(path, **options) as video:
        list(video.frames())
    assert "\n" not in f"{caught.value.message}{caught.value.hint}"
    assert str(path) in caught.value.message
    return caught.value


def starts(path, **options):
    """When frames are shown, from the first one on."""
    seconds = [time for time, _ in clips.times(path, **options)]
    return [time - seconds[0] for time in seconds]


def patched(path, mark, offset, value):
    """Overwrite bytes that lie so far behind a mark."""
    data = bytearray(path.read_bytes())
    at = data.index(mark) + len(mark) + offset
    data[at : at + len(value)] = value
    path.write_bytes(bytes(data))
    return path


def joined(path, *parts):
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


LIES = {
    "the movie's duration": ("mp4", b"mvhd", 16, (10**9).to_bytes(4, "big")),
    "the track's duration": ("mp4", b"tkhd", 20, (1).to_bytes(4, "big")),
    "the media's duration": ("mp4", b"mdhd", 16, (1).to_bytes(4, "big")),
    "no duration": ("mp4", b"mdhd", 16, bytes(4)),
    "an endless one": ("mp4", b"mdhd", 16, b"\xff" * 4),
    "Matroska's duration": ("mkv", b"\x44\x89\x88", 0, struct.pack(">d", 1e9)),
    "one that is no number": ("mkv", b"\x44\x89\x88", 0, struct.pack(">d", float("nan"))),
    "no duration of the stream": ("mkv", b"00:00:00.8", -10, b"00:00:00.000000001"),
    "words for a duration": ("mkv", b"00:00:00.8", -10, b"not long at all..."),
    "25,000 frames a second": ("mkv", b"\x23\xe3\x83", 1, (40_000).to_bytes(4, "big")),
    "240 frames a second": ("mkv", b"\x23\xe3\x83", 1, (4_166_667).to_bytes(4, "big")),
    "frames in AVI's header": ("avi", b"avih", 20, (10**6).to_bytes(4, "little")),
    "no frames in AVI's stream": ("avi", b"strh", 36, bytes(4)),
    "five frames in AVI's stream": ("avi", b"strh", 36, (5).to_bytes(4, "little")),
    "a rate of nothing": ("avi", b"strh", 28, bytes(4)),
    "a negative duration": ("flv", b"duration\0", 0, struct.pack(">d", -1.0)),
    "an endless duration": ("flv", b"duration\0", 0, struct.pack(">d", float("inf"))),
    "a negative rate": ("flv", b"framerate\0", 0, struct.pack(">d", -1.0)),
    "a rate of thousand millions": ("flv", b"framerate\0", 0, struct.pack(">d", 1e9)),
}
PLAIN = {
    "mp4": ("libx264", Fraction(1, 12800), None),
    "mkv": ("libx264", Fraction(1, 12800), None),
    "avi": ("mpeg4", Fraction(1, 25), {}),
    "flv": ("flv", Fraction(1, 1000), {}),
}


@pytest.mark.parametrize("lie", LIES)
def test_lies_of_headers_change_no_frame_and_no_time(tmp_path, lie):
    suffix, *where = LIES[lie]
    codec, base, options = PLAIN[suffix]
    source = patched(clips.make(tmp_path / f"a.{suffix}", codec, base=base, options=options), *where)
    with open_video(source) as video:
        reader = video.frames()
        frames = list(reader)
        assert [frame.pts * video.info.time_base for frame in frames] == EVEN
        assert reader.missing == 0
        assert video.info.frame_rate is None or 0 < video.info.frame_rate < 1000
        assert video.info.frames is None or video.info.frames > 0
        Part(0.1).check(video.info)
    clips.enlarged(source, tmp_path / "b.mp4", codec="h264", preset="ultrafast")
    assert clips.times(tmp_path / "b.mp4")[:-1] == [(time, Fraction(1, 25)) for time in EVEN[:-1]]
    assert clips.times(tmp_path / "b.mp4")[-1][0] == EVEN[-1]


@pytest.mark.parametrize(
    ("suffix", "mark", "offset", "value", "promised"),
    [
        ("avi", b"strh", 36, (1000).to_bytes(4, "little"), 1000),
        ("mkv", b"00:00:00.8", -10, b"00:01:00.000000000", 1500),
    ],
)
def test_frames_that_a_header_promises_and_nobody_has_are_told(
    tmp_path, suffix, mark, offset, value, promised
):
    codec, base, options = PLAIN[suffix]
    source = clips.make(tmp_path / f"a.{suffix}", codec, base=base, options=options)
    with open_video(patched(source, mark, offset, value)) as video:
        reader = video.frames()
        assert len(list(reader)) == 20
        assert reader.missing == promised - 20


@pytest.mark.parametrize(
    ("suffix", "old", "new"),
    [
        ("mp4", b"avc1", b"zzzz"),
        ("mp4", b"avc1", b"encv"),
        ("mkv", b"V_MPEG4/ISO/AVC", b"V_NOBODY/KNOWS."),
    ],
)
def test_a_codec_that_nobody_knows_is_refused(tmp_path, suffix, old, new):
    source = clips.make(tmp_path / f"a.{suffix}", pts=3)
    data = source.read_bytes()
    # The first one of an MP4 file is a brand.
    head, tail = data[: data.rindex(old)], data[data.rindex(old) + len(old) :]
    source.write_bytes(head + new + tail)
    assert "knows no decoder for its video (stream 0)" in refusal(source).message
    assert "knows no decoder" in refusal(source, stream=0).message


def test_of_two_videos_the_one_that_can_be_decoded_is_taken(tmp_path):
    source = clips.make(tmp_path / "a.mkv", pts=4, **clips.second_video(Size(96, 160)))
    assert (clips.info(source).size, clips.info(source).stream) == (clips.SIZE, 0)
    source.write_bytes(source.read_bytes().replace(b"V_MPEG4/ISO/AVC", b"V_NOBODY/KNOWS."))
    assert (clips.info(source).size, clips.info(source).stream) == (Size(96, 160), 1)


def test_what_is_encrypted_is_refused_instead_of_concealed(tmp_path):
    source = clips.make(tmp_path / "a.mp4", container_options=KEY)
    assert "it is encrypted" in refusal(source).message


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_10_bits_of_full_range_stay_so_to_the_tag_and_within_rounding(tmp_path, codec):
    source = clips.make(
        tmp_path / "a.mp4",
        codec,
        pts=3,
        pix_fmt="yuv420p10le",
        color_range=2,
        colorspace=9,
        color_primaries=9,
        color_trc=14,
    )
    plan, _ = clips.enlarged(source, tmp_path / "b.mp4", crf=0)
    old, new = clips.info(source), clips.info(tmp_path / "b.mp4")
    assert (new.colour, new.pixel_format) == (old.colour, describe("yuv420p10le"))
    assert new.colour.full_range
    assert plan.losses == ()
    for one, other in zip(clips.pixels(source), clips.pixels(tmp_path / "b.mp4"), strict=True):
        halved = other.reshape(*one.shape[:1], 2, one.shape[1], 2, 3).mean((1, 3))
        assert np.abs((halved - one).mean((0, 1))).max() * 1023 < 0.5
        assert np.abs(halved - one)[:, :, 1].max() * 1023 < 8


@pytest.mark.parametrize(
    ("codec", "suffix"), [("libvpx-vp9", "webm"), ("libsvtav1", "mp4"), ("ffv1", "mkv"), ("mpeg4", "mkv")]
)
def test_odd_sides_with_chroma_at_half_the_resolution_are_read_whole(tmp_path, codec, suffix):
    size = Size(97, 161)
    source = clips.make(tmp_path / f"a.{suffix}", codec, pts=3, size=size, options={})
    plan, _ = clips.enlarged(source, tmp_path / "b.mp4", codec="h264", preset="ultrafast")
    assert clips.info(source).size == size
    assert (clips.info(tmp_path / "b.mp4").size, plan.losses) == (size.scaled(2), ())
    edge = clips.pixels(source)[0][-1, -1] - clips.picture(0, size)[-1, -1] / 255
    assert np.abs(edge).max() < 0.1
    plan, _ = clips.enlarged(source, tmp_path / "c.mp4", scale=1, codec="h264", preset="ultrafast")
    assert clips.info(tmp_path / "c.mp4").size == (98, 162)
    assert any("98" in loss for loss in plan.losses)


@pytest.mark.parametrize("way", ["refuse", "auto", "on"])
@pytest.mark.parametrize("pix_fmt", ["yuv444p", "yuv420p10le", "yuv422p"])
def test_another_pixel_format_in_the_middle_changes_no_colour(tmp_path, pix_fmt, way):
    one = clips.make(tmp_path / "one.ts", pts=10, base=FINE)
    other = clips.make(
        tmp_path / "other.ts", pts=[3600 * n + 36000 for n in range(10)], base=FINE, pix_fmt=pix_fmt
    )
    frames = clips.pixels(joined(tmp_path / "a.ts", one, other), deinterlace=way)
    expected = [clips.picture(n % 10) / np.float32(255) for n in range(20)]
    for frame, wanted in zip(frames, expected, strict=True):
        assert np.abs(frame - wanted)[2:-2].mean() < 0.015


@pytest.mark.parametrize(("first", "later"), [(Size(48, 64), Size(96, 128)), (Size(96, 128), Size(48, 64))])
@pytest.mark.parametrize("suffix", ["ts", "h264"])
def test_another_size_in_the_middle_becomes_the_first_with_all_frames(tmp_path, suffix, first, later):
    parts = [
        clips.make(
            tmp_path / f"{number}.{suffix}", size=size, pts=[3600 * (n + at) for n in range(10)], base=FINE
        )
        for number, (size, at) in enumerate(((first, 0), (later, 10)))
    ]
    source = joined(tmp_path / f"a.{suffix}", *parts)
    _, reader = clips.enlarged(source, tmp_path / "b.mp4", segment=7, codec="h264", preset="ultrafast")
    assert (reader.resized, reader.missing) == (10, 0)
    assert clips.info(tmp_path / "b.mp4").size == first.scaled(2)
    assert starts(tmp_path / "b.mp4") == EVEN


@pytest.mark.parametrize(
    ("suffix", "codec", "pix_fmt"),
    [
        ("mp4", "libx264", "yuv420p"),
        ("mp4", "libx265", "yuv420p10le"),
        ("mp4", "libsvtav1", "yuv420p"),
        ("webm", "libvpx-vp9", "yuv420p"),
        ("mkv", "ffv1", "yuv420p"),
        ("mov", "prores_ks", "yuv422p10le"),
        ("ts", "libx264", "yuv420p"),
        ("h264", "libx264", "yuv420p"),
        ("avi", "mpeg4", "yuv420p"),
    ],
)
def test_one_frame_lasts_as_long_as_a_frame(tmp_path, suffix, codec, pix_fmt):
    options, base = ({}, Fraction(1, 25)) if suffix == "avi" else (None, FINE)
    source = clips.make(
        tmp_path / f"a.{suffix}", codec, pts=1, pix_fmt=pix_fmt, size=Size(64, 96), base=base, options=options
    )
    for target in ("b.mp4", "b.mkv"):
        clips.enlarged(source, tmp_path / target, codec="h264", preset="ultrafast")
        assert clips.times(tmp_path / target) == [(0, Fraction(1, 25))]


def test_sound_with_a_cover_and_no_picture_that_moves_is_refused(tmp_path):
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        track = clips.sound(container)
        container.add_attachment("cover.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(40))
        clips.tones(container, track)
    assert "no video stream" in refusal(path).message


def without_times(path, which):
    """Take the times out of some frames of a transport stream."""
    data = bytearray(path.read_bytes())
    at, count = data.find(b"\0\0\1\xe0"), 0
    while at >= 0:
        if which(count):
            data[at + 7] &= 0x3F
            length = data[at + 8]
            data[at + 9 : at + 9 + length] = b"\xff" * length
        at, count = data.find(b"\0\0\1\xe0", at + 4), count + 1
    path.write_bytes(bytes(data))
    return path


@pytest.mark.parametrize("preset", ["ultrafast", "medium"])
@pytest.mark.parametrize(
    "which", [lambda n: n % 3 == 1, lambda n: n > 0, lambda n: True], ids=["some", "all but one", "all"]
)
def test_frames_without_a_time_follow_those_before_them(tmp_path, which, preset):
    """With ``medium``, frames are stored in another order than they are shown in."""
    source = clips.make(tmp_path / "a.ts", base=FINE, options={"preset": preset})
    without_times(source, which)
    assert starts(source) == EVEN
    clips.enlarged(source, tmp_path / "b.mp4", segment=6, codec="h264", preset="ultrafast")
    assert starts(tmp_path / "b.mp4") == EVEN


@pytest.mark.parametrize(
    ("codec", "options", "change"),
    [("libx264", {"preset": "medium", "bf": "3"}, "h264_mp4toannexb"), ("mpeg4", {"bf": "2"}, None)],
)
def test_frames_that_avi_holds_in_the_order_of_decoding_are_shown_evenly(tmp_path, codec, options, change):
    plain = clips.make(tmp_path / "plain.mp4", codec, options=options)
    source = tmp_path / "a.avi"
    with av.open(str(plain)) as old, av.open(str(source), "w") as new:
        stream = old.streams.video[0]
        copy = new.add_stream_from_template(stream)
        copy.time_base = Fraction(1, 25)
        changed = av.BitStreamFilterContext(change, stream, copy) if change else None
        packets = [packet for packet in old.demux(stream) if packet.size]
        if changed:
            packets = [each for packet in packets for each in changed.filter(packet)]
        for number, packet in enumerate(packets):
            packet.stream, packet.time_base = copy, Fraction(1, 25)
            packet.pts = packet.dts = number
            new.mux(packet)
    assert starts(source) == EVEN
    for one, other in zip(clips.pixels(plain), clips.pixels(source), strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize(
    "options",
    [
        {"movflags": "negative_cts_offsets"},
        {"movflags": "frag_keyframe+empty_moov"},
        {"movflags": "frag_keyframe+delay_moov+default_base_moof"},
        {"use_editlist": "0"},
    ],
)
def test_times_of_decoding_before_zero_keep_frames_and_their_times(tmp_path, options):
    source = clips.make(
        tmp_path / "a.mp4", options={"preset": "medium", "bf": "3"}, container_options=options
    )
    clips.enlarged(source, tmp_path / "b.mp4", segment=7, preset="medium")
    assert clips.times(tmp_path / "b.mp4") == clips.times(source)
    assert starts(source) == EVEN


def translucent(index):
    rgba = np.dstack([clips.picture(index), np.full(clips.SIZE, 200, np.uint8)])
    return av.VideoFrame.from_ndarray(rgba, format="rgba").reformat(format="yuva420p")


@pytest.mark.parametrize(
    ("suffix", "codec", "title"),
    [("mp4", None, "VP9"), ("mp4", "vp9", "VP9"), ("mp4", "h265", "H.265"), ("mov", "h265", "H.265")],
)
def test_opacity_that_has_no_place_is_said_to_be_dropped_and_the_rest_is_written(
    tmp_path, suffix, codec, title
):
    def before(container, stream):
        stream.metadata["alpha_mode"] = "1"

    source = clips.make(
        tmp_path / "a.webm",
        "libvpx-vp9",
        pts=3,
        pix_fmt="yuva420p",
        options={"auto-alt-ref": "0"},
        frame=translucent,
        before=before,
    )
    plan, _ = clips.enlarged(source, tmp_path / f"b.{suffix}", codec=codec)
    assert f"its opacity is dropped: {title} holds none here" in plan.losses
    assert [frame.shape for frame in clips.pixels(tmp_path / f"b.{suffix}")] == [(96, 128, 3)] * 3


def test_a_rate_that_changes_to_interlaced_after_a_seek_is_noticed_all_the_same(tmp_path):
    """Whoever goes on in the middle must not miss what a run from the beginning refuses."""
    source = clips.fields_later(tmp_path / "a.mkv", order="t", first=12)
    with open_video(source) as video, pytest.raises(InputError, match=Interlace.TOP_FIRST.value):
        list(video.frames(Part(0.2)))


def test_a_time_that_mp4_cannot_tell_is_an_error_that_names_the_output(tmp_path):
    """A clock of one tick in 68 years."""
    source = clips.make(tmp_path / "a.avi", "mpeg4", base=Fraction(1, 25), options={}, pts=3)
    patched(source, b"strh", 24, (2**31).to_bytes(4, "little"))
    with pytest.raises((InputError, OutputError)) as caught:
        clips.enlarged(source, tmp_path / "b.mp4", codec="h264", preset="ultrafast")
    assert "\n" not in caught.value.message
    assert not (tmp_path / "b.mp4").exists()


def test_times_always_grow_whatever_a_file_says(tmp_path):
    source = clips.make(tmp_path / "a.mp4")
    patched(source, b"stts", 12, (1).to_bytes(4, "big"))
    seconds = [time for time, _ in clips.times(source)]
    assert all(later > sooner for sooner, later in pairwise(seconds))
    assert len(seconds) == 20
