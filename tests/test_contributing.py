"""The steps of CONTRIBUTING.md, followed."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image

from srcli.cli.app import run
from srcli.cli.help import Command
from srcli.imaging.containers.sniff import sniff_format
from srcli.imaging.formats import FORMATS
from srcli.imaging.readers.registry import READERS
from srcli.imaging.writers.row_writers import ROW_WRITERS
from srcli.imaging.writers.whole_encoders import STILL_ENCODERS
from srcli.metrics import registry

ROOT = Path(__file__).resolve().parent.parent
TEXT = " ".join((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split())


@pytest.mark.parametrize(("name", "path"), re.findall(r"`(\w+)` in `(srcli/[\w/.]+)`", TEXT))
def test_what_is_named_is_there(name, path):
    assert re.search(rf"^(?:def |class )?{name}\b", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:srcli|tests|docs)/[\w/.]*)`", TEXT))))
def test_paths_exist(path):
    assert (ROOT / path).exists()


@pytest.fixture
def pair(tmp_path):
    """A picture, and the same ten levels lighter."""
    for name, level in (("dark.png", 100), ("light.png", 110)):
        Image.fromarray(np.full((31, 23, 3), level, np.uint8)).save(tmp_path / name)
    return tmp_path


def test_a_metric_is_a_function_and_an_entry(pair, monkeypatch, capsys):
    def bias(result, reference, *, data_range):
        return float(np.mean(result - reference))

    metric = registry.Metric("bias", "bias", bias, higher_is_better=False, unit="levels", digits=2)
    monkeypatch.setattr(registry, "METRICS", (*registry.METRICS, metric))
    words = [
        "metrics",
        str(pair / "light.png"),
        str(pair / "dark.png"),
        "--metrics",
        "bias",
        "--channel",
        "rgb",
    ]
    assert run(words) == 0
    assert re.search(r"bias\s.*\b10\.00\b", " ".join(capsys.readouterr().out.split()))


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_its_parts(name, tmp_path):
    assert name in READERS
    assert name in ROW_WRITERS or name in STILL_ENCODERS
    file = tmp_path / f"made{FORMATS[name].extensions[0]}"
    Image.new("RGB", (24, 17)).save(tmp_path / "picture.png")
    words = [str(tmp_path / "picture.png"), "-m", "nearest", "-s", "2", "-o", str(file), "--overwrite"]
    assert run(["upscale", *words]) == 0
    assert sniff_format(file.read_bytes()[:64]) == name


def test_an_architecture_is_a_module_and_an_entry(tmp_path, monkeypatch):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install '.[train]'")
    from srcli.training.architectures import ARCHITECTURES

    def tiny(scale):
        return torch.nn.Sequential(
            torch.nn.Conv2d(3, 3 * scale**2, 3, padding=1), torch.nn.PixelShuffle(scale)
        )

    monkeypatch.setitem(ARCHITECTURES, "tiny", tiny)
    levels = np.random.default_rng(0).integers(0, 256, (80, 96, 3), np.uint8)
    for name in ("a.png", "b.png"):
        Image.fromarray(levels).save(tmp_path / name)
    options = ["-a", "tiny", "-s", "2", "--steps", "1", "--crop", "32", "--batch", "1", "--threads", "1"]
    assert run(["train", str(tmp_path), "-o", str(tmp_path / "run"), *options]) == 0


def test_a_command_is_a_function_and_a_line(capsys):
    def greet(name: str = "you") -> int:
        """Greet someone.

        Examples:

            srcli greet --name Ada
        """
        typer.echo(f"good morning, {name}")
        return 0

    house = typer.Typer()
    house.callback()(lambda: None)
    house.command(cls=Command, rich_help_panel="Pictures")(greet)
    assert house(args=["greet", "--name", "Ada"], standalone_mode=False) == 0
    assert capsys.readouterr().out == "good morning, Ada\n"
    house(args=["greet", "--help"], standalone_mode=False)
    assert "Examples:\n  srcli greet --name Ada\n" in capsys.readouterr().out
