"""Every kind of picture by OpenVINO: the pixels are those of the CPU, within a level."""

from __future__ import annotations

import json
from importlib.util import find_spec

import numpy as np
import pytest
import pyvips
from PIL import Image, ImageSequence

from srcli.cli.app import run
from srcli.models.folders import shipped_folder
from srcli.models.store import ModelStore

# Not by pytest's importorskip: a plain import of OpenVINO reports to its makers.
pytestmark = pytest.mark.skipif(find_spec("openvino") is None, reason="pip install '.[openvino]'")

SIDES = (37, 50)


def noise(channels, kind=np.uint8):
    return np.random.default_rng(1).integers(0, np.iinfo(kind).max, (*SIDES, channels), kind)


def transparent():
    levels = noise(4)
    levels[:20, :, 3] = 0
    return levels


def animate(path):
    frames = [Image.fromarray(np.roll(noise(3), index, axis=0)) for index in range(3)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=40)


KINDS = {
    "rgb": lambda path: Image.fromarray(noise(3)).save(path),
    "grey": lambda path: Image.fromarray(noise(1)[:, :, 0]).save(path),
    "transparent": lambda path: Image.fromarray(transparent()).save(path),
    "deep": lambda path: pyvips.Image.new_from_array(noise(3, np.uint16)).pngsave(str(path), bitdepth=16),
    "animated": animate,
}


def upscale(source, target, device, *words):
    return run(["upscale", str(source), "-o", str(target), "--device", device, "-q", *words])


def pixels(path):
    """All frames, or the one picture, in levels of 8 bits."""
    with Image.open(path) as file:
        if getattr(file, "n_frames", 1) > 1:
            return np.stack(
                [np.asarray(frame.convert("RGBA"), float) for frame in ImageSequence.Iterator(file)]
            )
    whole = pyvips.Image.new_from_file(str(path)).numpy()
    return whole / 257 if whole.dtype == np.uint16 else whole.astype(float)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("words", [["-s", "2"], ["-s", "4", "--tile", "40"], ["-s", "3", "-m", "plain"]])
def test_the_pixels_are_those_of_the_cpu(kind, words, tmp_path):
    name = f"{kind}.webp" if kind == "animated" else f"{kind}.png"
    extra = ["--format", "png"] if kind == "animated" else []
    KINDS[kind](tmp_path / name)
    made = []
    for device in ("cpu", "openvino"):
        target = tmp_path / f"{device}.png"
        assert upscale(tmp_path / name, target, device, *words, *extra) == 0
        made.append(pixels(target))
    assert made[0].shape == made[1].shape
    assert np.abs(made[0] - made[1]).max() <= 1


SHIPPED = ModelStore([shipped_folder()]).all()


@pytest.mark.parametrize("tiled", [False, True], ids=["whole", "tiled"])
@pytest.mark.parametrize(
    "model", [each for each in SHIPPED if not each.card.colours], ids=lambda model: model.path.stem
)
def test_every_generator_gives_the_pixels_of_the_cpu(model, tiled, tmp_path):
    KINDS["transparent"](tmp_path / "in.png")
    scale = model.card.scale
    command = ["restore"] if scale == 1 else ["upscale", "-s", str(scale)]
    # The smallest that is allowed; that of the widest view holds this picture whole.
    tile = ["--tile", str(max(40, 2 * model.card.overlap + 6))] if tiled else []
    for device in ("cpu", "openvino"):
        files = [str(tmp_path / "in.png"), "-o", str(tmp_path / f"{device}.png")]
        assert run([*command, *files, "-m", model.card.name, "--device", device, "-q", *tile]) == 0
    made, expected = (pixels(tmp_path / f"{device}.png") for device in ("openvino", "cpu"))
    assert made.shape == expected.shape
    assert np.abs(made - expected).max() <= 1


def test_colours_are_those_of_the_cpu(tmp_path):
    KINDS["grey"](tmp_path / "in.png")
    made = []
    for device in ("cpu", "openvino"):
        target = tmp_path / f"{device}.png"
        words = ["restore", str(tmp_path / "in.png"), "-o", str(target), "-m", "colourise", "-q"]
        assert run([*words, "--device", device]) == 0
        made.append(pixels(target))
    assert made[0].shape == (*SIDES, 3)
    assert np.abs(made[0] - made[1]).max() <= 1


def test_the_report_tells_what_ran(tmp_path, capsys):
    KINDS["rgb"](tmp_path / "in.png")
    assert upscale(tmp_path / "in.png", tmp_path / "out.png", "openvino", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["device"], report["provider"], report["precision"]) == ("openvino:cpu", "OpenVINO", "fp32")
    assert report["runtime"].startswith("openvino 20")
    assert report["warnings"] == []


def test_small_pictures_of_a_batch(tmp_path):
    (tmp_path / "in").mkdir()
    for index in range(5):
        Image.fromarray(np.roll(noise(3), index, axis=1)).save(tmp_path / "in" / f"{index}.png")
    for device in ("cpu", "openvino"):
        assert upscale(tmp_path / "in", f"{tmp_path}/{device}/", device, "-s", "2", "-m", "plain") == 0
    for index in range(5):
        both = [pixels(tmp_path / device / f"{index}_x2.png") for device in ("cpu", "openvino")]
        assert np.abs(both[0] - both[1]).max() <= 1
