"""Samples between the stored codes and RGB, and the tags that say what they mean."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("av", reason="pip install '.[video]'")

import av
import clips

from srcli.core.geometry import Size
from srcli.video.from_rgb import from_rgb
from srcli.video.info import Colour
from srcli.video.pixel_formats import describe, planes
from srcli.video.to_rgb import to_rgb

ODD = Size(33, 47)


def codes(rgb, matrix, full, depth):
    """The definition of H.273, written down once more for one colour."""
    red, blue = {1: (0.2126, 0.0722), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}[matrix]
    luma = red * rgb[0] + (1 - red - blue) * rgb[1] + blue * rgb[2]
    parts = (luma, (rgb[2] - luma) / (1 - blue) / 2, (rgb[0] - luma) / (1 - red) / 2)
    top = 2**depth - 1
    unit = 2 ** (depth - 8)
    if full:
        return parts[0] * top, parts[1] * top + (top + 1) / 2, parts[2] * top + (top + 1) / 2
    return (219 * parts[0] + 16) * unit, (224 * parts[1] + 128) * unit, (224 * parts[2] + 128) * unit


@pytest.mark.parametrize("name", ["yuv420p", "yuv422p10le", "yuv444p12le", "yuv410p", "yuv440p"])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("matrix", [1, 6, 9])
def test_flat_colours_become_the_codes_of_the_standard_and_return(name, full, matrix):
    layout = describe(name)
    for rgb in ((0, 0, 0), (1, 1, 1), (0.5, 0.5, 0.5), (0.8, 0.2, 0.1), (0.05, 0.3, 0.9)):
        colour = Colour(1, 1, matrix, full, "left")
        pixels = np.broadcast_to(np.array(rgb, np.float32), (*ODD, 3))
        frame = from_rgb(pixels, layout, colour)
        for plane, code in zip(planes(frame), codes(rgb, matrix, full, layout.depth), strict=True):
            assert np.abs(plane - min(code, 2**layout.depth - 1)).max() <= 0.51
        assert np.abs(to_rgb(frame, colour) - pixels).max() < 1.1 / (2 ** (layout.depth - 8) * 219) * 1.9


@pytest.mark.parametrize("name", ["gray", "gray10le", "gbrp", "gbrp12le", "rgb24"])
def test_what_has_no_chroma_of_its_own_is_rounded_to_its_depth(name):
    layout = describe(name) or describe("gbrp")
    pixels = np.random.default_rng(1).random((*ODD, 3)).astype(np.float32)
    if name.startswith("gray"):
        pixels[:] = pixels[:, :, :1]
    colour = Colour(1, 1, 1 if name.startswith("gray") else 0, True)
    frame = from_rgb(pixels, layout, colour)
    assert np.abs(to_rgb(frame, colour) - pixels).max() <= 0.501 / (2**layout.depth - 1)


def test_levels_of_8_bits_are_the_same_as_fractions_of_255():
    levels = clips.picture(3, ODD)
    colour = Colour(1, 1, 1, False, "left")
    frames = [
        from_rgb(pixels, describe("yuv420p"), colour) for pixels in (levels, levels.astype(np.float32) / 255)
    ]
    for one, other in zip(*map(planes, frames), strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("place", ["left", "center", "topleft", "top", "bottomleft", "bottom"])
@pytest.mark.parametrize("name", ["yuv420p", "yuv422p", "yuv411p", "yuv410p"])
def test_ramps_of_chroma_stay_where_they_are(name, place):
    """A shift by a tenth of a pixel would change a ramp of 2 levels a pixel by 0.2 levels on average."""
    down, across = np.mgrid[0:90, 0:100].astype(np.float32)
    pixels = np.stack([across * 2, np.full_like(across, 100), down * 2], -1) / 255
    colour = Colour(1, 1, 1, True, place)
    returned = to_rgb(from_rgb(pixels, describe(name), colour), colour)
    inner = (slice(16, -16), slice(16, -16))
    assert np.abs((returned - pixels)[inner].mean((0, 1))).max() * 255 < 0.2


def test_bands_of_rows_leave_no_seam():
    size = Size(131, 70)
    pixels = np.random.default_rng(2).random((*size, 3)).astype(np.float32)
    colour = Colour(1, 1, 1, False, "left")
    whole = planes(from_rgb(pixels, describe("yuv420p"), colour))
    for top in (0, 20, 64):
        part = planes(from_rgb(pixels[top:], describe("yuv420p"), colour))
        for one, other, rows in zip(whole, part, (top, top // 2, top // 2), strict=True):
            assert np.array_equal(one[rows + 4 :], other[4:])


@pytest.mark.parametrize(
    ("matrix", "primaries", "transfer"), [(1, 1, 1), (6, 6, 6), (5, 5, 6), (9, 9, 14), (9, 9, 16), (9, 9, 18)]
)
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(("codec", "suffix"), [("h264", "mp4"), ("ffv1", "mkv"), ("vp9", "webm")])
def test_tags_are_kept(tmp_path, matrix, primaries, transfer, full, codec, suffix):
    source = clips.make(
        tmp_path / "a.mp4",
        pts=2,
        colorspace=matrix,
        color_primaries=primaries,
        color_trc=transfer,
        color_range=2 if full else 1,
    )
    clips.enlarged(source, tmp_path / f"b.{suffix}", codec=codec)
    colour = clips.info(tmp_path / f"b.{suffix}").colour
    assert (colour.matrix, colour.primaries, colour.transfer, colour.full_range) == (
        *(matrix, primaries, transfer, full),
    )


@pytest.mark.parametrize("matrix", [1, 6, 9])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv420p10le", "yuv422p", "yuv444p12le"])
def test_eight_patches_keep_their_codes_through_a_lossless_codec(tmp_path, matrix, full, pix_fmt):
    depth = describe(pix_fmt).depth
    unit = 2 ** (depth - 8)
    corners = [(0.1, 0.1, 0.1), (0.9, 0.9, 0.9), (0.7, 0.2, 0.2), (0.2, 0.6, 0.3)]
    corners += [(0.2, 0.3, 0.8), (0.7, 0.7, 0.2), (0.6, 0.2, 0.7), (0.3, 0.7, 0.7)]
    stored = [[round(code) for code in codes(rgb, matrix, full, depth)] for rgb in corners]

    def frame(index):
        return clips.native(stored[index], pix_fmt)

    source = clips.make(
        tmp_path / "a.mkv",
        "ffv1",
        pts=8,
        frame=frame,
        pix_fmt=pix_fmt,
        colorspace=matrix,
        color_range=2 if full else 1,
        base=Fraction(1, 1000),
    )
    clips.enlarged(source, tmp_path / "b.mkv", segment=8)
    with av.open(str(tmp_path / "b.mkv")) as container:
        for decoded, expected in zip(container.decode(video=0), stored, strict=True):
            assert decoded.format.name == pix_fmt
            for plane, code in zip(planes(decoded), expected, strict=True):
                assert np.abs(plane.astype(int) - code).max() <= max(1, unit // 4)


def test_standard_definition_without_tags_is_tagged_bt601_however_large_it_becomes(tmp_path):
    source = clips.make(tmp_path / "a.mp4", pts=2, size=Size(360, 640))
    clips.enlarged(source, tmp_path / "b.mp4", scale=4)
    colour = clips.info(tmp_path / "b.mp4").colour
    assert (colour.matrix, colour.told_matrix) == (6, True)


def test_high_definition_without_tags_is_tagged_bt709(tmp_path):
    source = clips.make(tmp_path / "a.mp4", pts=1, size=Size(720, 1280))
    assert (clips.info(source).colour.matrix, clips.info(source).colour.told_matrix) == (1, False)


def test_matrix_bt709_converts_and_says_so_in_its_tag(tmp_path):
    source = clips.make(tmp_path / "a.mp4", pts=1, colorspace=6)
    clips.enlarged(source, tmp_path / "b.mkv", codec="ffv1", matrix="bt709")
    old, new = clips.pixels(source)[0], clips.pixels(tmp_path / "b.mkv")[0]
    assert clips.info(tmp_path / "b.mkv").colour.matrix == 1
    assert np.abs(old.mean((0, 1)) - new.mean((0, 1))).max() * 255 < 0.5


@pytest.mark.parametrize(
    ("codec", "option"),
    [("libx264", "x264-params"), ("libx265", "x265-params"), ("libsvtav1", "svtav1-params")],
)
def test_the_place_of_chroma_is_read_and_written(tmp_path, codec, option):
    word = "chroma-sample-position=topleft" if codec == "libsvtav1" else "chromaloc=2"
    source = clips.make(tmp_path / "a.mp4", codec, pts=3, size=Size(64, 80), options={option: word})
    assert clips.info(source).colour.chroma == "topleft"
    clips.enlarged(source, tmp_path / "b.mp4")
    assert clips.info(tmp_path / "b.mp4").colour.chroma == "topleft"


@pytest.mark.parametrize(
    ("codec", "pix_fmt", "suffix"),
    [
        ("libx264", "yuv420p10le", "mp4"),
        ("libx264", "yuv422p", "mp4"),
        ("libx264", "yuv444p", "mp4"),
        ("libx264", "gray", "mp4"),
        ("libx265", "yuv420p12le", "mp4"),
        ("libx265", "yuv422p10le", "mp4"),
        ("libsvtav1", "yuv420p10le", "mp4"),
        ("libvpx-vp9", "yuv444p", "webm"),
        ("ffv1", "bgr0", "mkv"),
        ("ffv1", "gray16le", "mkv"),
        ("ffv1", "yuv410p", "mkv"),
        ("ffv1", "yuva422p10le", "mkv"),
        ("prores_ks", "yuv422p10le", "mov"),
    ],
)
def test_depth_and_chroma_stay_as_they_were(tmp_path, codec, pix_fmt, suffix):
    source = clips.make(tmp_path / f"a.{suffix}", codec, pts=2, pix_fmt=pix_fmt, size=Size(64, 96))
    plan, _ = clips.enlarged(source, tmp_path / f"b.{suffix}")
    old, new = clips.info(source), clips.info(tmp_path / f"b.{suffix}")
    assert (new.codec, new.pixel_format) == (old.codec, old.pixel_format)
    assert plan.losses == ()
    means = [clips.pixels(path)[0].mean((0, 1)) for path in (source, tmp_path / f"b.{suffix}")]
    assert np.abs(means[0] - means[1]).max() * 255 < 1


def test_rgb_in_h264_stays_rgb(tmp_path):
    source = clips.make(tmp_path / "a.mkv", "libx264rgb", pts=2, pix_fmt="rgb24", options={"crf": "0"})
    clips.enlarged(source, tmp_path / "b.mkv", crf=0)
    assert clips.info(tmp_path / "b.mkv").pixel_format.chroma == "rgb"
    assert np.array_equal(
        clips.pixels(tmp_path / "b.mkv")[0], clips.pixels(source)[0].repeat(2, 0).repeat(2, 1)
    )


def test_what_a_codec_cannot_hold_is_said_before(tmp_path):
    source = clips.make(tmp_path / "a.mkv", "ffv1", pts=1, pix_fmt="yuva444p12le")
    plan, _ = clips.enlarged(source, tmp_path / "b.webm", codec="vp9")
    assert any("12 bits" in loss for loss in plan.losses)
    assert not any("opacity" in loss for loss in plan.losses)
    plan, _ = clips.enlarged(source, tmp_path / "b.mp4", codec="h264")
    assert any("opacity" in loss for loss in plan.losses)


@pytest.mark.parametrize(
    ("codec", "pix_fmt", "suffix", "options"),
    [
        ("libvpx-vp9", "yuva420p", "webm", {"auto-alt-ref": "0"}),
        ("prores_ks", "yuva444p10le", "mov", {"profile": "4444"}),
        ("ffv1", "yuva420p", "mkv", {}),
        ("png", "rgba", "mov", {}),
    ],
)
def test_opacity_is_kept(tmp_path, codec, pix_fmt, suffix, options):
    def before(container, stream):
        if codec == "libvpx-vp9":
            stream.metadata["alpha_mode"] = "1"

    def frame(index):
        rgba = np.dstack([clips.picture(index), np.full(clips.SIZE, 200, np.uint8)])
        rgba[:24, :, 3] = 60
        return av.VideoFrame.from_ndarray(rgba, format="rgba").reformat(format=pix_fmt)

    source = clips.make(
        tmp_path / f"a.{suffix}", codec, pts=3, pix_fmt=pix_fmt, options=options, frame=frame, before=before
    )
    assert clips.pixels(source)[0].shape[2] == 4
    clips.enlarged(source, tmp_path / f"b.{suffix}", segment=2)
    opacity = [frame[:, :, 3] * 255 for frame in clips.pixels(tmp_path / f"b.{suffix}")]
    assert len(opacity) == 3
    assert all(abs(plane[:40].mean() - 60) < 1.1 and abs(plane[56:].mean() - 200) < 1.1 for plane in opacity)


@pytest.mark.parametrize("codec", ["h264", "h265", "av1"])
def test_static_hdr_metadata_is_kept(tmp_path, codec):
    display = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"
    source = clips.make(
        tmp_path / "a.mp4",
        "libx265",
        pts=2,
        size=Size(64, 96),
        pix_fmt="yuv420p10le",
        options={"x265-params": f"master-display={display}:max-cll=1000,400"},
        colorspace=9,
        color_primaries=9,
        color_trc=16,
    )
    plan, _ = clips.enlarged(source, tmp_path / "b.mp4", codec=codec)
    old, new = clips.info(source), clips.info(tmp_path / "b.mp4")
    assert (old.hdr.max_content, old.hdr.max_average, old.hdr.luminance) == (
        *(1000, 400, (Fraction(1, 200), Fraction(1000))),
    )
    assert (new.hdr.max_content, new.hdr.max_average) == (1000, 400)
    for one, other in zip(
        (*old.hdr.primaries, *old.hdr.luminance), (*new.hdr.primaries, *new.hdr.luminance), strict=True
    ):
        assert abs(one - other) <= Fraction(1, 1000)
    assert new.colour.is_hdr
    assert plan.losses == ()


def test_hdr_metadata_that_a_codec_does_not_get_is_said_before(tmp_path):
    source = clips.make(
        tmp_path / "a.mp4",
        "libx265",
        pts=1,
        pix_fmt="yuv420p10le",
        options={"x265-params": "max-cll=1000,400"},
    )
    plan, _ = clips.enlarged(source, tmp_path / "b.mkv", codec="ffv1")
    assert any("HDR metadata" in loss for loss in plan.losses)


def test_grey_ramps_keep_every_level(tmp_path):
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    source = clips.make(
        tmp_path / "a.mkv",
        "ffv1",
        pts=1,
        size=Size(16, 16),
        pix_fmt="gray",
        frame=lambda index: clips.native([levels], "gray", Size(16, 16)),
    )
    values = np.unique(clips.pixels(source)[0] * 255)
    assert np.allclose(values, np.arange(256), atol=1e-4)
    assert all(later > sooner for sooner, later in pairwise(values))
    clips.enlarged(source, tmp_path / "b.mkv")
    assert np.array_equal(clips.planes(tmp_path / "b.mkv")[1][0][::2, ::2], levels)
