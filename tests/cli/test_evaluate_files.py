"""``srcli evaluate --lr`` and ``--results``: small pictures of a benchmark, and results as files."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from srcli.cli.app import run


@pytest.fixture
def benchmark(tmp_path):
    """Two large pictures with odd sides, and small ones whose names end as benchmarks end them."""
    random = np.random.default_rng(0)
    for folder in ("hr", "lr"):
        (tmp_path / folder).mkdir()
    for name, small in (("img_001_HR", "img_001_LR"), ("bird", "birdx2")):
        levels = random.integers(0, 256, (41, 53, 3), dtype=np.uint8)
        Image.fromarray(levels).save(tmp_path / "hr" / f"{name}.png")
        # Averages, not what MATLAB makes.
        means = levels[:40, :52].reshape(20, 2, 26, 2, 3).mean(axis=(1, 3))
        Image.fromarray(np.rint(means).astype(np.uint8)).save(tmp_path / "lr" / f"{small}.png")
    return tmp_path


def evaluate(capsys, folder, *words, code=0):
    words = ["evaluate", "--hr", folder / "hr", "-s", 2, "-m", "nearest", "--no-interpolations", *words]
    assert run([*map(str, words), "--json"]) == code
    captured = capsys.readouterr()
    return [json.loads(line) for line in captured.out.splitlines()], captured.err


def test_small_pictures_of_a_benchmark_are_enlarged(benchmark, capsys):
    (bird, first, summary), _ = evaluate(
        capsys, benchmark, "--lr", benchmark / "lr", "--channel", "rgb", "--shave", 0
    )
    with (
        Image.open(benchmark / "hr" / "bird.png") as large,
        Image.open(benchmark / "lr" / "birdx2.png") as small,
    ):
        truth = np.asarray(large)[:40, :52].astype(float)
        enlarged = np.asarray(small).repeat(2, axis=0).repeat(2, axis=1)
    expected = 10 * np.log10(255**2 / np.mean((enlarged - truth) ** 2))
    assert bird["psnr"] == pytest.approx(expected, abs=1e-4)
    assert bird["degradation"] == "small pictures as given /2"
    assert first["picture"] == "img_001_HR"
    assert "small pictures as given /2; RGB" in summary["about"]
    assert "MATLAB" not in summary["about"]


def test_results_are_kept(benchmark, capsys):
    evaluate(capsys, benchmark, "--lr", benchmark / "lr", "--results", benchmark / "larger")
    assert sorted(path.name for path in (benchmark / "larger" / "nearest").iterdir()) == [
        "bird.png",
        "img_001_HR.png",
    ]
    with (
        Image.open(benchmark / "larger/nearest/bird.png") as result,
        Image.open(benchmark / "lr/birdx2.png") as low,
    ):
        expected = np.asarray(low).repeat(2, axis=0).repeat(2, axis=1)
        np.testing.assert_array_equal(np.asarray(result), expected)


def test_resuming_makes_results_that_are_gone(benchmark, capsys):
    words = ["-o", benchmark / "figures", "--results", benchmark / "larger"]
    evaluate(capsys, benchmark, *words)
    gone = benchmark / "larger" / "nearest" / "bird.png"
    gone.unlink()
    evaluate(capsys, benchmark, *words, "--resume")
    assert gone.is_file()


def test_other_small_pictures_are_measured_anew(benchmark, capsys):
    words = ["-o", benchmark / "figures", "--lr", benchmark / "lr"]
    (before, *_), _ = evaluate(capsys, benchmark, *words)
    Image.new("RGB", (26, 20), (9, 9, 9)).save(benchmark / "lr" / "birdx2.png")
    (after, *_), _ = evaluate(capsys, benchmark, *words, "--resume")
    assert after["psnr"] != before["psnr"]


@pytest.mark.parametrize(
    ("name", "picture", "message"),
    [
        ("birdx2", Image.new("RGB", (25, 20)), "birdx2.png is 25x20, and its reference at x2 needs 26x20"),
        ("birdx2", Image.new("RGBA", (26, 20)), "transparent"),
    ],
)
def test_a_small_picture_that_does_not_fit_fails_alone(benchmark, capsys, name, picture, message):
    picture.save(benchmark / "lr" / f"{name}.png")
    (bird, other, _), said = evaluate(capsys, benchmark, "--lr", benchmark / "lr", code=1)
    assert message in said
    assert bird["error"]
    assert other["error"] is None


def test_every_picture_needs_one_small_one(benchmark, capsys):
    Image.new("RGB", (26, 20)).save(benchmark / "lr" / "bird_LR.png")
    _, said = evaluate(capsys, benchmark, "--lr", benchmark / "lr", code=1)
    assert "are of one picture, by their names" in said
    for path in (benchmark / "lr").glob("bird*"):
        path.unlink()
    _, said = evaluate(capsys, benchmark, "--lr", benchmark / "lr", code=1)
    assert "has no picture for" in said
    assert "bird.png" in said
