"""Clips from cameras and studios, where they are at hand."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("av", reason="pip install '.[video]'")

import clips

from srcli.video.video import Part, open_video

NAMES = ["bigbuckbunny.mp4", "bikes.mp4", "bottle-detection.mp4"]


@pytest.fixture
def clip(shared_data, request):
    path = shared_data / "video" / request.param
    if not path.is_file():
        pytest.skip(f"no clip at {path}")
    return path


def opening(path, count):
    with open_video(path) as video:
        return [(frame.pts * video.info.time_base, frame.pixels().mean((0, 1))) for frame in video.frames()][
            :count
        ]


@pytest.mark.parametrize("clip", NAMES, indirect=True)
def test_enlarged_colours_are_the_sources_own(clip, tmp_path):
    clips.enlarged(clip, tmp_path / "b.mp4", codec="ffv1", part=Part(0, 0.4), between=(0, 0.4))
    new = opening(tmp_path / "b.mp4", 100)
    for (old_time, old), (new_time, mean) in zip(opening(clip, len(new)), new, strict=True):
        assert old_time == new_time
        assert np.abs(old - mean).max() * 255 < 0.5


@pytest.mark.parametrize("clip", NAMES[:1], indirect=True)
def test_sound_and_every_time_are_the_sources_own(clip, tmp_path):
    clips.enlarged(clip, tmp_path / "b.mp4", scale=1, preset="ultrafast", segment=50)
    assert clips.packets(tmp_path / "b.mp4") == clips.packets(clip)
    assert clips.times(tmp_path / "b.mp4") == clips.times(clip)
