"""Every kind of picture on its way over a GPU, which is a CPU in truth: the files are those of the CPU."""

from __future__ import annotations

import json

import numpy as np
import pytest
import pyvips
from PIL import Image

from srcli.cli.app import run
from srcli.engine.inference.batches import infer_levels
from tests import fake_gpu, tiny_models

SIDES = (37, 50)


def noise(channels, kind=np.uint8):
    return np.random.default_rng(1).integers(0, np.iinfo(kind).max, (*SIDES, channels), kind)


def transparent():
    levels = noise(4)
    levels[:20, :, 3] = 0
    return levels


KINDS = {
    "rgb": lambda path: Image.fromarray(noise(3)).save(path),
    "grey": lambda path: Image.fromarray(noise(1)[:, :, 0]).save(path),
    "transparent": lambda path: Image.fromarray(transparent()).save(path),
    "deep": lambda path: pyvips.Image.new_from_array(noise(3, np.uint16)).pngsave(str(path), bitdepth=16),
}


@pytest.fixture(autouse=True)
def tiny(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    for scale in (2, 4):
        tiny_models.install(tmp_path / "models", name="tiny", scale=scale)
    monkeypatch.setenv("SRCLI_MODELS", str(tmp_path / "models"))


@pytest.fixture
def rounded(monkeypatch):
    """Notes each batch that a device is to round."""
    noted = []

    def note(session, batch, traits):
        noted.append(batch.shape)
        return infer_levels(session, batch, traits)

    monkeypatch.setattr("srcli.engine.sessions.session.infer_levels", note)
    return noted


def upscale(source, target, device, *words):
    return run(["upscale", str(source), "-o", str(target), "-m", "tiny", "--device", device, "-q", *words])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("words", "plain"),
    [
        (["-s", "2"], True),
        (["-s", "8", "--tile", "40"], True),
        (["-s", "3"], False),
        (["-s", "2", "--strength", "0.5"], False),
        (["-s", "2", "--seamless"], True),
        (["-s", "2", "--tile", "32", "--overlap", "5"], False),
    ],
)
def test_the_files_are_those_of_the_cpu(kind, words, plain, tmp_path, monkeypatch, rounded):
    source = tmp_path / f"{kind}.png"
    KINDS[kind](source)
    assert upscale(source, tmp_path / "cpu.png", "cpu", *words) == 0
    assert rounded == []
    fake_gpu.pretend(monkeypatch)
    assert upscale(source, tmp_path / "gpu.png", "cuda", *words) == 0
    assert (tmp_path / "gpu.png").read_bytes() == (tmp_path / "cpu.png").read_bytes()
    assert bool(rounded) == (kind == "rgb" and plain)


def test_jpeg_and_several_gpus(tmp_path, monkeypatch, capsys, rounded):
    KINDS["rgb"](tmp_path / "rgb.png")
    words = ("--tile", "32", "--json")
    assert upscale(tmp_path / "rgb.png", tmp_path / "cpu.jpg", "cpu", *words) == 0
    fake_gpu.pretend(monkeypatch, count=2)
    capsys.readouterr()
    assert upscale(tmp_path / "rgb.png", tmp_path / "gpu.jpg", "cuda:0,1", *words) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["device"], report["tiles"], report["warnings"]) == ("cuda:0,1", 4, [])
    assert (tmp_path / "gpu.jpg").read_bytes() == (tmp_path / "cpu.jpg").read_bytes()
    assert rounded
