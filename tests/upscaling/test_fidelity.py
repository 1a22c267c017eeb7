"""Fidelity: results held against their inputs, and their colours moved back."""

from __future__ import annotations

import itertools
import json
import math
import tracemalloc
from itertools import pairwise

import corpus
import numpy as np
import pytest
import pyvips
from PIL import Image

from srcli.cli.app import run
from srcli.core.geometry import Size
from srcli.core.pixel_format import PixelFormat
from srcli.core.rows import Rows, rows_of, whole
from srcli.imaging.picture import Frame
from srcli.imaging.pixels.resize import resize
from srcli.metrics.ciede2000 import ciede2000, srgb_to_lab
from srcli.upscaling.enlargement import FrameRows, Recipe, rows_of_frame, stack
from srcli.upscaling.fidelity.figures import LIMIT, Fidelity, FidelityMeter, worst_of
from srcli.upscaling.fidelity.guard import GuardedEnlargement
from tests import tiny_models
from tests.upscaling.fakes import FakeGenerator

HEIGHT, WIDTH = 53, 37
SHIFT = 3 / 255


def smooth(channels, height=HEIGHT, width=WIDTH):
    """Soft shapes between a fifth and four fifths, (height, width, channels)."""
    rows, columns = np.mgrid[:height, :width] / 9
    waves = [np.sin(rows + index) * np.cos(columns - 2 * index) for index in range(channels)]
    return (0.5 + 0.3 * np.stack(waves, axis=2)).astype(np.float32)


def guarded(frame, *, lift=0.0, correct=False, factor=2):
    size = Size(HEIGHT, WIDTH).scaled(factor)
    recipe = Recipe((FakeGenerator(lift=lift),))
    return GuardedEnlargement(frame, size, recipe, PixelFormat(stack), correct=correct, space="sRGB")


def enlarge(frame, **options):
    work = guarded(frame, **options)
    return whole(work.rows), work.fidelity()


def in_bands(picture, height):
    return Rows(
        Size(*picture.shape[:2]),
        lambda start: (picture[top : top + height] for top in range(start, len(picture), height)),
    )


def test_psnr_is_that_of_the_result_shrunk_back():
    colour = smooth(3)
    larger, fidelity = enlarge(rows_of_frame(Frame(colour, None)), factor=3)
    back = np.clip(resize(larger, Size(HEIGHT, WIDTH)), 0, 1)
    assert fidelity.psnr_db == pytest.approx(-10 * math.log10(np.mean((back - colour) ** 2)), abs=1e-3)
    assert 20 < fidelity.psnr_db < 80


def test_colour_changes_are_those_of_areas_and_pixels():
    low, back = smooth(3), np.clip(smooth(3) + np.float32([0.02, 0, -0.03]), 0, 1)
    back[:16] = low[:16]
    meter = FidelityMeter(Size(HEIGHT, WIDTH), has_alpha=False, space="sRGB")
    for top in range(0, HEIGHT, 7):
        meter.add(low[top : top + 7], back[top : top + 7])
    found = meter.result()
    pixels = ciede2000(srgb_to_lab(low), srgb_to_lab(back))
    assert found.beyond_share == pytest.approx((pixels > LIMIT).mean())
    # 53 by 37 pixels are three by two areas.
    rows, columns = [0, 17, 35, 53], [0, 18, 37]
    areas = [
        ciede2000(*(srgb_to_lab(part[a:b, c:d].mean(axis=(0, 1), dtype=float)) for part in (low, back)))
        for a, b in pairwise(rows)
        for c, d in pairwise(columns)
    ]
    assert found.mean_change == pytest.approx(np.mean(areas), rel=1e-4)
    assert found.largest_change == pytest.approx(np.max(areas), rel=1e-4)


@pytest.mark.parametrize("correct", [False, True])
@pytest.mark.parametrize("height", [1, 5, 64])
def test_bands_give_what_the_whole_picture_gives(correct, height):
    colour, alpha = smooth(3), smooth(1)
    expected, known = enlarge(FrameRows(rows_of(colour), 3, rows_of(alpha)), lift=SHIFT, correct=correct)
    frame = FrameRows(in_bands(colour, height), 3, in_bands(alpha, height))
    larger, found = enlarge(frame, lift=SHIFT, correct=correct)
    np.testing.assert_allclose(larger, expected, atol=1e-6)
    assert found.psnr_db == pytest.approx(known.psnr_db, abs=1e-6)
    assert found.largest_change == pytest.approx(known.largest_change, abs=1e-9)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("transparent", [False, True])
def test_a_shift_is_seen_and_taken_back(channels, transparent):
    frame = rows_of_frame(Frame(smooth(channels), smooth(1)[:, :, 0] if transparent else None))
    straight, _ = enlarge(frame)
    shifted, caught = enlarge(frame, lift=SHIFT)
    corrected, cured = enlarge(frame, lift=SHIFT, correct=True)
    assert np.abs(shifted - straight).max() * 255 == pytest.approx(3, abs=0.01)
    assert np.abs((corrected - straight).mean(axis=(0, 1))).max() * 255 < 0.1
    assert np.abs(corrected - straight).max() * 255 < 0.5
    assert cured.psnr_db > caught.psnr_db + 3
    assert cured.corrected_levels == pytest.approx((3, 3), abs=0.3)
    assert caught.corrected_levels is None


def test_hidden_colours_do_not_count_and_are_not_pulled_back():
    colour, alpha = smooth(3), np.ones((HEIGHT, WIDTH), np.float32)
    colour[10:30, 10:30], alpha[10:30, 10:30] = 0.0, 0.0
    _, found = enlarge(rows_of_frame(Frame(colour, alpha)))
    kept, corrected = enlarge(rows_of_frame(Frame(colour, alpha)), correct=True)
    assert found.largest_change < 0.5
    assert corrected.corrected_levels[1] < 2
    # The colour beside the hole stays what its surroundings are.
    assert kept[16:64, 16:64, :3].min() > 0.15


@pytest.mark.parametrize("correct", [False, True])
def test_height_costs_no_memory(correct):
    strip = np.random.default_rng(0).random((64, 200, 3), dtype=np.float32)

    def peak_bytes(height):
        rows = Rows(Size(height, 200), lambda start: itertools.repeat(strip, (height - start) // 64))
        recipe = Recipe((FakeGenerator(lift=SHIFT),))
        work = GuardedEnlargement(
            FrameRows(rows, 3, None),
            Size(2 * height, 400),
            recipe,
            PixelFormat(stack),
            correct=correct,
            space="sRGB",
        )
        tracemalloc.start()
        for _ in work.rows.read(0):
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    peak_bytes(64)
    low, high = peak_bytes(64 * 30), peak_bytes(64 * 90)
    assert high < 1.1 * low
    # Held whole, the larger one would take 55 MB.
    assert high < 30e6


def test_an_animation_is_as_faithful_as_its_worst_frame():
    first = Fidelity(40.0, 0.1, 0.2, 0.0, "sRGB", (0.5, 1.0))
    second = Fidelity(30.0, 0.3, 0.9, 0.5, "sRGB", (1.5, 4.0))
    assert worst_of([first, second]) == Fidelity(30.0, 0.2, 0.9, 0.25, "sRGB", (1.0, 4.0))


def test_json_has_no_infinity():
    values = Fidelity(math.inf, 0.0, 0.0, 0.0, "sRGB").to_json()
    assert values["psnr_db"] is None
    json.dumps(values, allow_nan=False)


@pytest.fixture
def shifted(tmp_path, monkeypatch):
    """The name of a generator that is three levels too bright."""
    (tmp_path / "models").mkdir()
    folder = tmp_path / "models"
    # Its card tells the range: a network that only adds could be of either.
    tiny_models.install(folder, tiny_models.shifted, name="shifted", overlap=0, value_range=1.0)
    monkeypatch.setenv("SRCLI_MODELS", str(tmp_path / "models"))
    return "shifted"


def levels(depth, channels):
    peak = 2**depth - 1
    return np.rint(smooth(channels) * peak).astype(np.uint8 if depth == 8 else np.uint16)


def save(path, samples):
    wide, grey = samples.dtype == np.uint16, samples.shape[2] < 3
    interpretation = ("grey16" if grey else "rgb16") if wide else ("b-w" if grey else "srgb")
    path.write_bytes(corpus.vips_file(samples, ".png", interpretation))
    return path


def read(path):
    pixels = pyvips.Image.new_from_file(str(path)).numpy()
    return pixels.reshape(*pixels.shape[:2], -1)


def upscale(capsys, *words, code=0):
    assert run(["upscale", *map(str, words), "-s", "2", "--json"]) == code
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_files_are_corrected_in_their_own_depth(shifted, tmp_path, capsys, depth, channels):
    samples = levels(depth, channels)
    source = save(tmp_path / "a.png", samples)
    plain = upscale(capsys, source, "-m", shifted, "-o", tmp_path / "plain.png")
    caught = upscale(capsys, source, "-m", shifted, "-o", tmp_path / "caught.png", "--fidelity", "measure")
    cured = upscale(capsys, source, "-m", shifted, "-o", tmp_path / "cured.png", "--fidelity", "correct")
    assert plain["fidelity"] is None
    np.testing.assert_array_equal(read(tmp_path / "plain.png"), read(tmp_path / "caught.png"))
    assert caught["fidelity"]["psnr_db"] + 3 < cured["fidelity"]["psnr_db"]
    assert cured["fidelity"]["corrected_levels"][0] == pytest.approx(3, abs=0.3)
    unit = (2**depth - 1) / 255
    expected = samples.repeat(2, axis=0).repeat(2, axis=1).astype(float)
    off = [
        np.abs((read(tmp_path / f"{name}.png") - expected).mean(axis=(0, 1))) / unit
        for name in ("caught", "cured")
    ]
    assert off[0].min() > 2.5
    assert off[1].max() < 0.5


def test_a_result_that_falls_short_is_not_written(shifted, tmp_path, capsys):
    source = save(tmp_path / "a.png", levels(8, 3))
    report = upscale(
        capsys, source, "-m", shifted, "-o", tmp_path / "out" / "b.png", "--min-fidelity", "40", code=1
    )
    assert "below 40" in report["error"]
    assert "--fidelity correct" in report["hint"]
    assert report["fidelity"]["psnr_db"] < 40
    assert not list((tmp_path / "out").glob("*"))
    words = ["-o", tmp_path / "out" / "b.png", "--min-fidelity", "40", "--fidelity", "correct"]
    assert upscale(capsys, source, "-m", shifted, *words)["fidelity"]["psnr_db"] > 40
    assert (tmp_path / "out" / "b.png").is_file()


@pytest.mark.parametrize("extension", ["gif", "webp"])
def test_animations(shifted, tmp_path, capsys, extension):
    source = tmp_path / f"a.{extension}"
    frames = [Image.fromarray(np.roll(levels(8, 3), 5 * index, axis=1)) for index in range(3)]
    frames[0].save(source, save_all=True, append_images=frames[1:], duration=80, lossless=True)
    target = tmp_path / f"b.{extension}"
    report = upscale(capsys, source, "-m", shifted, "-o", target, "--min-fidelity", "90", code=1)
    assert "frame 1 of " in report["error"]
    assert not target.exists()
    report = upscale(capsys, source, "-m", shifted, "-o", target, "--fidelity", "correct")
    assert report["frames"] == 3
    assert report["fidelity"]["corrected_levels"][0] == pytest.approx(3, abs=0.4)


def test_standard_output_stays_empty_where_a_result_falls_short(shifted, tmp_path, capfdbinary):
    source = save(tmp_path / "a.png", levels(8, 3))
    assert run(["upscale", str(source), "-m", shifted, "-s", "2", "-o", "-", "--min-fidelity", "90"]) == 1
    assert capfdbinary.readouterr().out == b""


def test_another_gate_makes_another_file(shifted, tmp_path, capsys):
    source = save(tmp_path / "in.png", levels(8, 3))
    words = [source, "-m", shifted, "-o", tmp_path / "b.png", "--resume"]
    upscale(capsys, *words)
    assert upscale(capsys, *words, "--fidelity", "measure")["status"] == "skipped"
    assert "exists already" in upscale(capsys, *words, "--min-fidelity", "10", code=1)["error"]
    assert "exists already" in upscale(capsys, *words, "--fidelity", "correct", code=1)["error"]


@pytest.mark.parametrize(
    "words", [["--fidelity", "much"], ["--min-fidelity", "nan"], ["--min-fidelity", "inf"]]
)
def test_words_that_make_no_sense(words, tmp_path, capsys):
    assert run(["upscale", str(save(tmp_path / "a.png", levels(8, 3))), "-m", "bicubic", *words]) == 2
    assert "error: " in capsys.readouterr().err


def test_a_huge_picture_says_before_that_it_begins_again(shifted, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("srcli.upscaling.estimates.RESUMABLE_FROM_PIXELS", 100)
    source = save(tmp_path / "a.png", levels(8, 3))
    report = upscale(
        capsys, source, "-m", shifted, "-o", tmp_path / "b.png", "--fidelity", "measure", "--dry-run"
    )
    assert "begins it again" in report["warnings"][0]
    upscale(capsys, source, "-m", shifted, "-o", tmp_path / "b.png", "--fidelity", "measure")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.png", "models"]
