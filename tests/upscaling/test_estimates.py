"""What a picture needs, and that its height costs no memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import pyvips
from PIL import Image

from srcli.cli.app import run
from tests import tiny_models

ROOT = Path(__file__).resolve().parents[2]
PEAK = """
import sys
from srcli.cli.app import run
from srcli.upscaling import estimates
from srcli.pipeline.bench.memory import peak_bytes
estimates.ROWS_FROM_PIXELS = 0
assert run(["upscale", *sys.argv[1:], "-s", "4", "-m", "tiny", "-q"]) == 0
print(peak_bytes())
"""


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    for scale in (2, 4):
        tiny_models.install(tmp_path / "models", tiny_models.nearest, name="tiny", scale=scale, overlap=0)
    monkeypatch.setenv("SRCLI_MODELS", str(tmp_path / "models"))


def noise(path, height, width=256, channels=3):
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, channels), np.uint8)
    pyvips.Image.new_from_array(pixels).pngsave(str(path), compression=0)
    return path


def peak_bytes(picture, target):
    """The least of three runs: threads that take turns otherwise only ever add to what is needed."""
    command = [sys.executable, "-c", PEAK, str(picture), "-o", str(target), "--overwrite"]
    runs = (subprocess.run(command, cwd=ROOT, capture_output=True, check=True) for _ in range(3))
    return min(int(done.stdout) for done in runs)


@pytest.mark.parametrize("extension", ["png", "tif"])
def test_height_costs_no_memory(extension, tiny, tmp_path):
    low = peak_bytes(noise(tmp_path / "low.png", 3000, 128), tmp_path / f"low_x4.{extension}")
    high = peak_bytes(noise(tmp_path / "high.png", 24000, 128), tmp_path / f"high_x4.{extension}")
    # Of an input this small, 21000 rows more take 32 MB, as float32. Held whole as well, those that go out
    # would take another 129 MB as integers, 516 MB as float32. The limit lies halfway to that: what waits
    # between the threads takes up to 30 MB, as it happens.
    assert high - low < 32e6 + 129e6 / 2


def plan(picture, capsys, *words):
    assert run(["upscale", str(picture), "-m", "tiny", "--dry-run", "--json", *words]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_plan_tells_what_has_to_be_held_whole(tiny, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("srcli.upscaling.estimates.ROWS_FROM_PIXELS", 0)
    # Five and six of the largest windows, so that those take as much of either.
    tall, taller = noise(tmp_path / "a.png", 2880), noise(tmp_path / "b.png", 3456)
    clear, clearer = noise(tmp_path / "c.png", 2880, channels=4), noise(tmp_path / "d.png", 3456, channels=4)

    def more(first, second, *words):
        low, high = (plan(picture, capsys, *words)["memory_bytes"] for picture in (first, second))
        return (high - low) / (576 * 256)

    assert more(tall, taller) == 0
    assert more(tall, taller, "--format", "tiff", "-s", "3") == 0
    # Three float32 a pixel, twice.
    assert more(tall, taller, "--seamless") >= 24
    assert more(tall, taller, "--fidelity", "correct") == 0
    assert more(tall, taller, "--format", "webp", "-s", "2") >= 4 * 3
    # What libaom takes is three times what the integers do, and more.
    assert more(tall, taller, "--format", "avif", "-s", "2") >= 4 * 36
    assert more(clear, clearer) >= 4 * 4


def animation(path, size, frames, **options):
    first, *rest = (Image.effect_noise(size, 60 + index).convert("RGB") for index in range(frames))
    first.save(path, save_all=True, append_images=rest, **options)
    return path


def test_the_plan_counts_frames_where_they_are_kept(tiny, tmp_path, capsys):
    few, many = (animation(tmp_path / f"{count}.webp", (64, 45), count) for count in (3, 43))
    kept = plan(many, capsys)["memory_bytes"] - plan(few, capsys)["memory_bytes"]
    # Compressed ones, at a third of a byte for each sample.
    assert kept == pytest.approx(40 * 4 * 4 * 64 * 45 * 3 * 0.35, rel=0.01)
    few, many = (animation(tmp_path / f"{count}.png", (64, 45), count) for count in (3, 43))
    assert plan(many, capsys)["memory_bytes"] == plan(few, capsys)["memory_bytes"]


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]) << 20, resource.RLIM_INFINITY))
from srcli.cli.app import run
sys.exit(run(["upscale", *sys.argv[2:], "-s", "2", "--device", "cpu"]))
"""


def upscale_within(mebibytes, *words):
    """Run the command with a limit on its address space."""
    pytest.importorskip("resource")
    if sys.platform != "linux":
        pytest.skip("only Linux holds such a limit")
    command = [sys.executable, "-c", LIMITED, str(mebibytes), *map(str, words)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("mebibytes", "words"),
    [
        (
            300,
            "the address space is limited to 300 MiB, and srcli takes 700 MiB before the first picture",
        ),
        (1000, "at 3000x2400 needs about "),
    ],
)
def test_a_limit_on_addresses_ends_a_picture_before_the_work(mebibytes, words, tiny, tmp_path):
    picture = noise(tmp_path / "a.png", 1200, 1500)
    done = upscale_within(mebibytes, picture, "-m", "tiny", "-o", tmp_path / "out.avif")
    assert done.returncode == 3
    assert words in done.stderr
    assert "internal error" not in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "models"]


def test_what_fits_into_a_limit_on_addresses_is_done(tiny, tmp_path):
    done = upscale_within(1500, noise(tmp_path / "a.png", 45, 33), "-m", "tiny", "-o", tmp_path / "out.png")
    assert (done.returncode, (tmp_path / "out.png").exists()) == (0, True), done.stderr


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("can't start new thread")])
def test_memory_that_runs_out_anywhere_is_no_bug(error, tiny, tmp_path, capsys, monkeypatch):
    def fail(*_):
        raise error

    picture = noise(tmp_path / "a.png", 45, 33)
    for place in ("srcli.upscaling.stages.Worker.load", "srcli.upscaling.run.run_batch"):
        with monkeypatch.context() as patch:
            patch.setattr(place, fail)
            assert run(["upscale", str(picture), "-m", "tiny"]) == 3
        assert "error: " in (err := capsys.readouterr().err)
        assert "not enough memory" in err


def test_too_little_memory_names_a_format_that_needs_less(tiny, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("srcli.upscaling.stages.available_memory", lambda _: 1000)
    picture = noise(tmp_path / "a.png", 30)
    assert run(["upscale", str(picture), "-m", "tiny", "--format", "jpeg"]) == 3
    assert "add --format png" in capsys.readouterr().err


def test_too_small_a_disk_is_said_before_the_work(tiny, tmp_path, capsys, monkeypatch):
    from collections import namedtuple

    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("srcli.upscaling.estimates.shutil.disk_usage", lambda _: usage(0, 0, 1000))
    monkeypatch.setattr("srcli.upscaling.estimates.RESUMABLE_FROM_PIXELS", 0)
    picture = noise(tmp_path / "a.png", 30)
    assert run(["upscale", str(picture), "-m", "tiny"]) == 1
    assert "free on its disk" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "models"]
