"""Which way up, and how wide a pixel is."""

from __future__ import annotations

import struct
from fractions import Fraction

import numpy as np
import pytest

pytest.importorskip("av", reason="pip install '.[video]'")

import clips
from PIL import Image, ImageOps

from srcli.core.geometry import Size
from srcli.video.orientation import orientation_of

UNIT = 1 << 16
MATRICES = {
    1: (UNIT, 0, 0, UNIT),
    2: (-UNIT, 0, 0, UNIT),
    3: (-UNIT, 0, 0, -UNIT),
    4: (UNIT, 0, 0, -UNIT),
    5: (0, UNIT, UNIT, 0),
    6: (0, UNIT, -UNIT, 0),
    7: (0, -UNIT, -UNIT, 0),
    8: (0, -UNIT, UNIT, 0),
}


def turned(path, orientation, **options):
    a, b, c, d = MATRICES[orientation]

    def before(container, stream):
        stream.set_display_matrix((a, b, 0, c, d, 0, 0, 0, 1 << 30))

    return clips.make(path, pts=3, before=before, **options)


def pillow_upright(pixels, orientation):
    """What Pillow makes of the same number in a photograph."""
    image = Image.fromarray(np.rint(pixels * 255).astype(np.uint8))
    exif = image.getexif()
    exif[0x0112] = orientation
    return np.asarray(ImageOps.exif_transpose(image)) / 255


@pytest.mark.parametrize("orientation", MATRICES)
def test_all_eight_orientations_come_out_upright(tmp_path, orientation):
    plain = clips.make(tmp_path / "plain.mp4", pts=3)
    source = turned(tmp_path / "a.mp4", orientation)
    info = clips.info(source)
    assert info.orientation == orientation
    assert info.size == (Size(*clips.SIZE) if orientation < 5 else Size(*reversed(clips.SIZE)))
    upright = clips.pixels(source)[0]
    assert np.abs(upright - pillow_upright(clips.pixels(plain)[0], orientation)).max() < 0.6 / 255
    clips.enlarged(source, tmp_path / "b.mp4")
    new = clips.info(tmp_path / "b.mp4")
    assert (new.orientation, new.size) == (1, info.size.scaled(2))
    assert np.abs(clips.pixels(tmp_path / "b.mp4")[0].mean((0, 1)) - upright.mean((0, 1))).max() * 255 < 1


def test_a_slanted_matrix_is_no_orientation():
    assert orientation_of(struct.pack("<9i", 60000, 20000, 0, -20000, 60000, 0, 0, 0, 1 << 30)) is None


def test_pixels_that_are_no_squares_stay_so_in_h264(tmp_path):
    source = clips.make(tmp_path / "a.mp4", pts=3, sample_aspect_ratio=Fraction(4, 3))
    for name in ("b.mp4", "b.mkv"):
        plan, _ = clips.enlarged(source, tmp_path / name)
        new = clips.info(tmp_path / name)
        assert (new.sample_aspect_ratio, new.size) == (Fraction(4, 3), clips.SIZE.scaled(2))
        assert plan.losses == ()


def test_a_quarter_turn_lays_pixels_on_their_side(tmp_path):
    source = turned(tmp_path / "a.mp4", 6, sample_aspect_ratio=Fraction(4, 3))
    clips.enlarged(source, tmp_path / "b.mp4")
    assert clips.info(source).sample_aspect_ratio == Fraction(3, 4)
    assert clips.info(tmp_path / "b.mp4").sample_aspect_ratio == Fraction(3, 4)


@pytest.mark.parametrize(
    ("shape", "size"), [(Fraction(4, 3), Size(96, 171)), (Fraction(3, 4), Size(128, 128))]
)
def test_pixels_become_squares_where_the_codec_forgets_their_shape_and_that_is_said(tmp_path, shape, size):
    source = clips.make(tmp_path / "a.mp4", pts=3, sample_aspect_ratio=shape)
    plan, _ = clips.enlarged(source, tmp_path / "b.webm", codec="vp9", preset="8")
    assert any("square" in loss for loss in plan.losses)
    assert plan.encoding.size == size
    new = clips.info(tmp_path / "b.webm")
    assert (new.size, new.sample_aspect_ratio) == (size, 1)


@pytest.mark.parametrize(("codec", "pix_fmt"), [("ffv1", "yuv420p"), ("libx264", "yuv444p")])
def test_odd_sizes_are_read_and_written(tmp_path, codec, pix_fmt):
    size = Size(33, 47)
    source = clips.make(tmp_path / "a.mkv", codec, pts=2, size=size, pix_fmt=pix_fmt)
    clips.enlarged(source, tmp_path / "b.mkv", scale=3)
    assert clips.info(tmp_path / "b.mkv").size == size.scaled(3)


def test_odd_targets_are_rounded_up_to_even_ones_and_that_is_said(tmp_path):
    source = clips.make(tmp_path / "a.mkv", "ffv1", pts=2, size=Size(33, 47))
    plan, _ = clips.enlarged(source, tmp_path / "b.mp4", codec="h264", scale=3)
    assert plan.encoding.size == Size(100, 142)
    assert any("even" in loss for loss in plan.losses)
    assert clips.info(tmp_path / "b.mp4").size == Size(100, 142)
