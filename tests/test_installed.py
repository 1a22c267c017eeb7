"""The installed command, from a folder of its own, as a new user runs it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

SAMPLE = Path(__file__).parent / "data" / "sample.png"


@pytest.fixture
def srcli(tmp_path):
    command = shutil.which("srcli", path=str(Path(sys.executable).parent))
    if command is None:
        pytest.skip("srcli is not installed beside this Python: pip install .")

    def call(*words, **options):
        return subprocess.run(
            [command, *map(str, words)], cwd=tmp_path, capture_output=True, check=False, **options
        )

    return call


def test_sample_is_upscaled_with_the_shipped_weights(srcli, tmp_path):
    done = srcli("upscale", SAMPLE, "-o", "sample_x4.png", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["model"] == "fast-x4"
    with Image.open(tmp_path / "sample_x4.png") as larger:
        assert larger.size == (704, 528)


def test_pipe(srcli):
    done = srcli("upscale", "-", "-s", "2", "--quiet", input=SAMPLE.read_bytes())
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"\x89PNG")
    assert done.stderr == b""


def test_models_are_installed_and_sound(srcli):
    done = srcli("models", "verify")
    assert done.returncode == 0, done.stderr
