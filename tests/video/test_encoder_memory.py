"""How much memory encoders take."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

pytest.importorskip("av")

from srcli.core.geometry import Size
from srcli.pipeline.video.source import made_up
from srcli.video.encoder_memory import encoder_bytes, frame_bytes
from srcli.video.plan import Wish, plan_output

SIZE = Size(360, 640)


def plan(preset, pixel_format=None, size=SIZE):
    info = made_up("waves", size, time_base=Fraction(1, 25), frames=9, depth=8, has_alpha=False)
    wish = Wish(size, container="mp4", codec="h264", preset=preset, pixel_format=pixel_format)
    return plan_output(info, wish).encoding


def test_presets_that_look_further_ahead_take_more():
    presets = ("ultrafast", "veryfast", "fast", "medium", "slow", "veryslow")
    taken = [encoder_bytes(plan(preset)) for preset in presets]
    assert taken == sorted(set(taken))


def test_deeper_and_finer_samples_take_more():
    least = encoder_bytes(plan("medium"))
    assert encoder_bytes(plan("medium", "yuv444p")) == 2 * least
    assert encoder_bytes(plan("medium", "yuv420p10le")) == 2 * least


@pytest.mark.parametrize("codec", ["h265", "av1", "vp9", "ffv1"])
def test_larger_frames_take_more_in_every_codec(codec):
    def needed(size):
        info = made_up("waves", size, time_base=Fraction(1, 25), frames=9, depth=8, has_alpha=False)
        return encoder_bytes(plan_output(info, Wish(size, container="mp4", codec=codec)).encoding)

    assert 0 < needed(Size(90, 160)) < needed(Size(180, 320))


@pytest.mark.parametrize(
    ("codec", "container", "pixel_format", "has_alpha", "share"),
    [
        ("h264", "mp4", None, False, 1.5),
        ("h264", "mp4", "yuv422p10le", False, 4),
        ("ffv1", "mkv", None, True, 2.5),
    ],
)
def test_a_frame_takes_what_its_samples_do(codec, container, pixel_format, has_alpha, share):
    from srcli.video.segment import encodable

    info = made_up("waves", SIZE, time_base=Fraction(1, 25), frames=9, depth=8, has_alpha=has_alpha)
    wish = Wish(SIZE, container=container, codec=codec, pixel_format=pixel_format)
    encoding = plan_output(info, wish).encoding
    assert frame_bytes(encoding) == SIZE.pixels * share
    frame = encodable(np.zeros((*SIZE, 3), np.float32), encoding)
    assert sum(plane.buffer_size for plane in frame.planes) == pytest.approx(SIZE.pixels * share, rel=0.05)
