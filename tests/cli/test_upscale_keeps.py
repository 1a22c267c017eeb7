"""Through the whole command, a picture differs from the original in nothing but its size."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srcli.cli.app import run
from srcli.imaging.decode import open_picture
from tests import corpus, tiny_models


@pytest.fixture
def keeper(tmp_path):
    """An ONNX file that repeats every pixel twice each way, so that the right answer is known."""
    return str(tiny_models.nearest(tmp_path / "keeper.onnx", 2))


def upscale_bytes(data, extension, keeper, folder, *words):
    source, target = folder / f"a{extension}", folder / f"b{extension}"
    source.write_bytes(data)
    assert run(["upscale", str(source), "-m", keeper, "-s", "2", "-o", str(target), "-q", *words]) == 0
    return source, target


def frames_of(path):
    with open_picture(path) as picture:
        return picture.info, list(picture.frames())


def doubled(planes):
    return planes.repeat(2, axis=0).repeat(2, axis=1)


@pytest.mark.parametrize("sample", corpus.all_samples(), ids=lambda sample: sample.name)
def test_format_mode_depth_and_pixels(sample, keeper, tmp_path):
    source, target = upscale_bytes(sample.data, sample.extension, keeper, tmp_path)
    before, (small,) = frames_of(source)
    after, (large,) = frames_of(target)
    assert (after.format, after.mode, after.depth) == (before.format, before.mode, before.depth)
    assert (after.has_alpha, after.lossless) == (before.has_alpha, before.lossless)
    assert after.size == before.size.scaled(2)
    # Lossy formats blur the hard edges of doubled pixels; the exact ones must give back what went in.
    error = np.abs(large.colour - doubled(small.colour))
    if sample.exact and small.alpha is None:
        assert error.max() <= 0.5 / (2**after.depth - 1)
    elif sample.exact:
        assert error[large.alpha > 0].max() <= 0.5 / (2**after.depth - 1)
        np.testing.assert_allclose(large.alpha, doubled(small.alpha), atol=1e-6)
    else:
        assert error.mean() < 0.03


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "TIFF"])
def test_orientation_is_baked_once(orientation, file_format, keeper, tmp_path):
    data = corpus.oriented_file(orientation, file_format)
    _, target = upscale_bytes(data, corpus.EXTENSIONS[file_format], keeper, tmp_path)
    with Image.open(target) as picture:
        assert picture.getexif().get(0x0112, 1) == 1
        assert picture.getexif().get(0x010F) == "a maker"
        shown = np.asarray(picture.convert("RGB")).astype(int)
    expected = doubled(corpus.upright_pixels()).astype(int)
    assert shown.shape == expected.shape
    assert np.abs(shown - expected).mean() < (8 if file_format == "JPEG" else 0.01)


@pytest.mark.parametrize("extension", [".png", ".jpg", ".tif", ".webp"])
def test_profile_resolution_and_exif_are_kept(extension, keeper, tmp_path):
    profile = corpus.wide_gamut_profile()
    source, target = tmp_path / f"a{extension}", tmp_path / f"b{extension}"
    exif = Image.Exif()
    exif[0x010F] = "a maker"
    Image.fromarray(corpus.pixels(3)).save(source, icc_profile=profile, dpi=(300, 300), exif=exif)
    assert run(["upscale", str(source), "-m", keeper, "-o", str(target), "-s", "2", "-q"]) == 0
    with Image.open(target) as picture:
        assert picture.info["icc_profile"] == profile
        assert picture.getexif()[0x010F] == "a maker"
        if extension != ".webp":
            assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)


def test_strip_drops_all_but_the_profile(keeper, tmp_path):
    source, target = tmp_path / "a.jpg", tmp_path / "b.jpg"
    exif = Image.Exif()
    exif[0x010F] = "a maker"
    Image.fromarray(corpus.pixels(3)).save(source, icc_profile=corpus.wide_gamut_profile(), exif=exif)
    assert run(["upscale", str(source), "-m", keeper, "-o", str(target), "-s", "2", "-q", "--strip"]) == 0
    with Image.open(target) as picture:
        assert not dict(picture.getexif())
        assert picture.info["icc_profile"] == corpus.wide_gamut_profile()


@pytest.mark.parametrize(("file_format", "extension"), [("GIF", ".gif"), ("WEBP", ".webp"), ("PNG", ".png")])
def test_animation_keeps_frames_timing_and_what_is_shown(file_format, extension, keeper, tmp_path):
    source, target = upscale_bytes(corpus.animation(file_format), extension, keeper, tmp_path)
    before, small = frames_of(source)
    after, large = frames_of(target)
    assert (after.frames, after.loop) == (before.frames, before.loop)
    assert [frame.duration_ms for frame in large] == [frame.duration_ms for frame in small]
    for one, two in zip(small, large, strict=True):
        np.testing.assert_allclose(two.alpha, doubled(one.alpha), atol=0.01)
        visible = two.alpha > 0.5
        np.testing.assert_allclose(two.colour[visible], doubled(one.colour)[visible], atol=0.01)


@pytest.mark.parametrize("name", sorted(corpus.nasty_files()))
def test_nasty_file_gives_one_clear_error_and_leaves_nothing(name, keeper, tmp_path, capsys):
    folder = tmp_path / "in"
    folder.mkdir()
    source = folder / name
    source.write_bytes(corpus.nasty_files()[name])
    assert run(["upscale", str(source), "-m", keeper, "--json"]) == 1
    captured = capsys.readouterr()
    report = json.loads(captured.out)
    assert report["error"].startswith("cannot read")
    assert captured.err.count("error: ") == 1
    assert [path.name for path in folder.iterdir()] == [name]


@pytest.mark.parametrize(
    "name", ["née 🙂.png", "a b%s'\"[1].png", "-dash.png", "new\nline.png", b"\xff\xfe.png"]
)
def test_odd_names(name, keeper, tmp_path):
    raw = name if isinstance(name, bytes) else name.encode()
    source = Path(bytes(tmp_path).decode()) / raw.decode("utf-8", "surrogateescape")
    source.write_bytes(corpus.pillow_file(corpus.pixels(3), "PNG"))
    assert run(["upscale", "-m", keeper, "-s", "2", "-q", "--", str(source)]) == 0
    assert source.with_name(f"{source.stem}_x2.png").exists()


def test_pages_and_palettes_are_mentioned(keeper, tmp_path, capsys):
    data, _ = corpus.palette_png()
    (tmp_path / "a.png").write_bytes(data)
    assert run(["upscale", str(tmp_path / "a.png"), "-m", keeper, "-s", "2"]) == 0
    assert "palette" in capsys.readouterr().err
