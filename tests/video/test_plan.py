"""What a video is written as, decided before the work."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import pytest

pytest.importorskip("av", reason="pip install '.[video]'")

from srcli.core.errors import OutputError, UsageError
from srcli.core.geometry import Size
from srcli.video.info import Colour, PixelFormat, StreamInfo, VideoInfo
from srcli.video.plan import Wish, plan_output

PLAIN = VideoInfo(
    name="a.mp4",
    container="mov",
    brand="mp4",
    stream=0,
    codec="h264",
    size=Size(48, 64),
    coded_size=Size(48, 64),
    orientation=1,
    sample_aspect_ratio=Fraction(1),
    pixel_format=PixelFormat("yuv420p", 8, "4:2:0", has_alpha=False),
    colour=Colour(1, 1, 1),
    time_base=Fraction(1, 12800),
    frame_rate=Fraction(25),
    frames=10,
    frames_known=True,
    start=0,
    duration_s=0.4,
    streams=(StreamInfo(0, "video", "h264"),),
)


def plan(info=PLAIN, **wish):
    return plan_output(info, Wish(size=wish.pop("size", info.size.scaled(2)), **wish))


def source(codec, name, depth, chroma, *, alpha=False, brand="mp4"):
    return replace(PLAIN, codec=codec, brand=brand, pixel_format=PixelFormat(name, depth, chroma, alpha))


@pytest.mark.parametrize(
    ("info", "container", "codec", "pixel_format"),
    [
        (PLAIN, "mp4", "h264", "yuv420p"),
        (source("hevc", "yuv420p10le", 10, "4:2:0"), "mp4", "h265", "yuv420p10le"),
        (source("mpeg2video", "yuv420p", 8, "4:2:0", brand="ts"), "mkv", "h264", "yuv420p"),
        (source("mpeg2video", "yuv422p", 8, "4:2:2", brand="mpeg"), "mkv", "h264", "yuv422p"),
        (source("vp9", "yuv420p10le", 10, "4:2:0", brand="webm"), "webm", "av1", "yuv420p10le"),
        (source("vp8", "yuv420p", 8, "4:2:0", brand="webm"), "webm", "vp9", "yuv420p"),
        (source("vp9", "yuva420p", 8, "4:2:0", alpha=True, brand="webm"), "webm", "vp9", "yuva420p"),
        (
            source("prores", "yuva444p12le", 12, "4:4:4", alpha=True, brand="mov"),
            "mov",
            "prores",
            "yuva444p10le",
        ),
        (source("qtrle", "gbrap", 8, "rgb", alpha=True, brand="mov"), "mov", "prores", "yuva444p10le"),
        (source("utvideo", "gbrap", 8, "rgb", alpha=True, brand="mkv"), "mkv", "ffv1", "bgra"),
        (source("dnxhd", "yuv422p10le", 10, "4:2:2", brand="mov"), "mov", "h264", "yuv422p10le"),
        (source("ffv1", "gray16le", 16, "grey", brand="mkv"), "mkv", "ffv1", "gray16le"),
    ],
)
def test_the_codec_is_the_sources_or_one_that_holds_it(info, container, codec, pixel_format):
    made = plan(info)
    assert (made.container, made.encoding.codec, made.encoding.pixel_format.name) == (
        container,
        codec,
        pixel_format,
    )


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"codec": "xvid"}, "codec xvid is unknown"),
        ({"codec": "libmp3lame"}, "not one that srcli writes"),
        ({"container": "avi"}, "container avi is unknown"),
        ({"container": "webm", "codec": "h264"}, "WebM holds no H.264"),
        ({"crf": 70}, "--crf 70 is outside"),
        ({"codec": "ffv1", "container": "mkv", "crf": 3}, "FFV1 has no --crf"),
        ({"codec": "ffv1", "container": "mkv", "preset": "slow"}, "FFV1 has no presets"),
        ({"preset": "quick"}, "H.264 has no preset quick"),
        ({"pixel_format": "yuv411p"}, "H.264 has no pixel format yuv411p"),
    ],
)
def test_wishes_that_make_no_sense_are_told(wish, words):
    with pytest.raises(UsageError, match=words):
        plan(**wish)


def test_sound_that_a_container_cannot_hold_names_one_that_can():
    info = replace(PLAIN, streams=(*PLAIN.streams, StreamInfo(1, "audio", "aac")))
    with pytest.raises(OutputError, match="WebM holds no sound of the kind aac") as caught:
        plan(info, container="webm")
    assert "--no-audio" in caught.value.hint
    assert plan(info, container="webm", audio=False).streams[1].action == "omit"


def test_metadata_that_changes_with_each_frame_is_said_to_be_dropped():
    made = plan(replace(PLAIN, dynamic_hdr=("Dolby Vision", "HDR10+")))
    assert sum("each frame of the source" in loss for loss in made.losses) == 2


def test_h264_beyond_what_players_decode_is_said():
    assert any("4096" in loss or "H.264 is more" in loss for loss in plan(size=Size(2160, 4098)).losses)


def test_the_key_is_json_and_tells_plans_apart():
    keys = {
        json.dumps(plan(**wish).encoding.key())
        for wish in ({}, {"crf": 20}, {"threads": 2}, {"preset": "fast"})
    }
    assert len(keys) == 4
    assert json.dumps(plan().encoding.key()) == json.dumps(plan().encoding.key())
