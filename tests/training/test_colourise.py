"""Colour for grey photographs: classes of chroma, and from photographs to a generator."""

from __future__ import annotations

import json
import random
import runpy
import sys
from itertools import pairwise
from pathlib import Path
from threading import Event

import numpy as np
import pytest
import torch
from PIL import Image

from srcli.core.card import read_card
from srcli.core.errors import TrainingError
from srcli.engine.probing.probe import probe_model
from srcli.imaging.colour.chroma import take_chroma, take_luma
from srcli.training.colourise.chroma import CLASSES, class_chroma, decode, to_classes
from srcli.training.colourise.encoder import Encoder, Features
from srcli.training.colourise.judging import TEMPERATURES
from srcli.training.colourise.looks import SHAPES, Looks, look_at
from srcli.training.colourise.network import VIEW, Colours
from srcli.training.colourise.verdict import judge, summed_up
from srcli.training.colourise.views import cut_view, divide, read_small
from srcli.training.ycc import to_ycc

SCRIPT = Path(__file__).resolve().parents[2] / "recipes" / "colourise.py"
VGG = {
    1: (3, 64, 64),
    2: (64, 128, 128),
    3: (128, 256, 256, 256),
    4: (256, 512, 512, 512),
    5: (512, 512, 512),
}


@pytest.fixture
def photographs(tmp_path):
    """Two pictures of sky over grass, and one of grey."""
    folder = tmp_path / "photos"
    folder.mkdir()
    noise = np.random.default_rng(1)
    for name in ("one", "two"):
        picture = np.full((90, 120, 3), (110, 150, 220), np.uint8)
        picture[45:] = noise.integers(0, 60, (45, 120, 1)) + np.array([30, 80, 10])
        Image.fromarray(picture).save(folder / f"{name}.png")
    Image.fromarray(np.full((90, 120), 99, np.uint8)).save(folder / "grey.png")
    return folder


@pytest.fixture
def features(tmp_path):
    """Weights of VGG-16's size that nobody trained."""
    weights, noise = {}, np.random.default_rng(2)
    for block, widths in VGG.items():
        for number, (inputs, outputs) in enumerate(pairwise(widths), 1):
            name = f"conv{block}_{number}"
            spread = (2 / (9 * inputs)) ** 0.5
            weights[f"{name}.weight"] = (noise.standard_normal((outputs, inputs, 3, 3)) * spread).astype("f2")
            weights[f"{name}.bias"] = np.zeros(outputs, "f2")
    np.savez(tmp_path / "vgg16.npz", **weights)
    return tmp_path / "vgg16.npz"


def script(monkeypatch, *words):
    monkeypatch.syspath_prepend(str(SCRIPT.parent))
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(SCRIPT), run_name="__main__")
    return ended.value.code


def test_luma_and_chroma_are_those_of_pictures():
    rgb = torch.rand(1, 3, 5, 7)
    planes = rgb[0].permute(1, 2, 0).numpy()
    ycc = to_ycc(rgb)[0].permute(1, 2, 0).numpy()
    assert ycc[..., 0] == pytest.approx(take_luma(planes), abs=1e-6)
    assert ycc[..., 1:] == pytest.approx(take_chroma(planes), abs=1e-6)


def test_the_mean_of_the_classes_is_the_chroma():
    chroma = torch.rand(2, 2, 3, 4) * 0.8 - 0.4
    shares = to_classes(chroma)
    assert shares.shape == (2, CLASSES, 3, 4)
    assert shares.sum(1) == pytest.approx(torch.ones(2, 3, 4).numpy(), abs=1e-5)
    mean = torch.einsum("nkhw,kc->nchw", shares, class_chroma())
    assert mean.numpy() == pytest.approx(chroma.numpy(), abs=1e-5)
    # What lies outside the lattice belongs to its rim.
    assert to_classes(torch.full((1, 2, 1, 1), 0.49)).argmax() == CLASSES - 1


def test_decoding_goes_from_the_mean_to_the_likeliest():
    logits = torch.full((1, CLASSES, 1, 1), -50.0)
    first, second = 60, 200
    logits[0, first], logits[0, second] = 1.0, 0.0
    chroma = class_chroma()
    share = 1 / (1 + np.exp(-1))
    mean = share * chroma[first] + (1 - share) * chroma[second]
    assert decode(logits, 1.0)[0, :, 0, 0].numpy() == pytest.approx(mean.numpy(), abs=1e-5)
    assert decode(logits, 0.05)[0, :, 0, 0].numpy() == pytest.approx(chroma[first].numpy(), abs=1e-4)


def test_a_view_shows_luma_and_a_quarter_of_the_chroma(photographs):
    pictures = read_small(photographs, ())
    assert len(pictures) == 2
    luma, chroma = cut_view(pictures[0].levels, random.Random(0))
    assert luma.shape == (1, VIEW, VIEW)
    assert chroma.shape == (2, VIEW // 4, VIEW // 4)
    assert 0 <= luma.min() <= luma.max() <= 1
    # Blue above, green below.
    assert chroma[0, 2].mean() > 0.1 > -0.05 > chroma[0, -2].mean()


def test_grey_teaches_nothing(photographs):
    (photographs / "one.png").unlink()
    with pytest.raises(TrainingError, match="has 1 coloured photographs"):
        read_small(photographs, ())


class StubEncoder:
    """Sees the mean luma, wherever one looks, and counts looks."""

    def __init__(self):
        self.looks = 0

    def __call__(self, luma):
        self.looks += len(luma)
        mean = luma.mean()
        return Features(*(torch.full((1, *SHAPES[name]), float(mean)) for name in Features._fields))


def test_looks_are_kept_and_gone_on_with(photographs, tmp_path):
    pictures = [photograph.levels for photograph in read_small(photographs, ())]
    whole, parts = StubEncoder(), StubEncoder()
    Looks(tmp_path / "whole", 5).fill(whole, pictures, 1, Event())
    for count in (2, 5):
        looks = Looks(tmp_path / "parts", 5)
        looks.count = count
        looks.fill(parts, pictures, 1, Event())
    assert (whole.looks, parts.looks) == (5, 5)
    for name in SHAPES:
        assert (tmp_path / "whole" / f"{name}.npy").read_bytes() == (
            tmp_path / "parts" / f"{name}.npy"
        ).read_bytes()
    taken = Looks(tmp_path / "whole", 5).take([4, 0])
    assert taken.small.shape == (2, 1, VIEW // 4, VIEW // 4)
    # The middle of what an encoder sees of a view is that of its luma.
    assert taken.seen.eighth[:, 0, 0, 0].numpy() == pytest.approx(
        taken.small.mean((1, 2, 3)).numpy(), abs=2e-3
    )
    with pytest.raises(TrainingError, match="has 5 looks, and 6 are to be"):
        Looks(tmp_path / "whole", 6)


def test_a_look_that_is_cancelled_ends(photographs, tmp_path):
    cancel = Event()
    cancel.set()
    looks = Looks(tmp_path / "looks", 3)
    looks.fill(StubEncoder(), [photograph.levels for photograph in read_small(photographs, ())], 1, cancel)
    assert looks.done == 0


def test_the_encoder_sees_ever_coarser_things():
    look = look_at(Encoder(), torch.rand(1, 1, VIEW, VIEW), torch.rand(1, 2, VIEW // 4, VIEW // 4))
    found = {"small": look.small, "chroma": look.chroma, **look.seen._asdict()}
    assert {name: tuple(value.shape[1:]) for name, value in found.items()} == SHAPES


def test_whole_sources_are_held_out(photographs):
    (photographs / "other").mkdir()
    (photographs / "one.png").rename(photographs / "other" / "one.png")
    found = read_small(photographs, ())
    learnt, measured = divide(found, ("other",), 1)
    assert [len(learnt), len(measured)] == [1, 1]
    assert torch.equal(measured[0], next(each.levels for each in found if each.path.stem == "one"))
    with pytest.raises(TrainingError, match="0 of 2 photographs are held out: nowhere"):
        divide(found, ("nowhere",), 1)


def test_verdicts_compare_with_grey():
    chroma = torch.zeros(1, 2, 1, 2)
    chroma[0, 0] = 0.2
    near, far = judge(chroma / 2, chroma), judge(-chroma, chroma)
    assert (near.better, far.better) == (1.0, 0.0)
    assert near.error**0.5 == pytest.approx(0.1)
    both = summed_up([near, far])
    assert both.better == 0.5
    assert both.colourfulness == pytest.approx(0.75)
    assert str(both) == "chroma error 0.2915 (grey 0.2000), better than grey 0.50, colourfulness 0.75"


def test_from_photographs_to_a_generator(photographs, features, tmp_path, monkeypatch, capsys):
    run, target = tmp_path / "run", tmp_path / "colourise-x1.onnx"
    train = ("train", photographs, "-o", run, "--features", features, "--batch", 2, "--minutes", 0.02)
    assert script(monkeypatch, *train) == 0
    told = capsys.readouterr().err
    assert told.startswith("step ")
    assert "chroma error" in told
    assert script(monkeypatch, "judge", run, photographs, "--every", 2) == 0
    judged = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in judged] == [f"temperature {each}" for each in TEMPERATURES]
    assert all("better than grey" in line for line in judged)
    assert script(monkeypatch, "export", run, "-o", target, "--licence", "MIT") == 0
    card = read_card(target.with_suffix(".json"))
    assert (card.name, card.scale, card.colours, card.licence) == ("colourise", 1, True, "MIT")
    assert card.training.data == "1 photographs"
    learnt = sum(value.numel() for value in Colours().parameters())
    assert 0 < learnt < 1_000_000 < card.parameters
    # Weights that don't learn take a byte each.
    assert target.stat().st_size < card.parameters + 4 * learnt
    traits = probe_model(target, card)
    assert (tuple(traits.fixed_size), traits.scale) == ((VIEW, VIEW), 1)
    assert script(monkeypatch, "export", run, "-o", target) == 1
    assert "exists already" in capsys.readouterr().err
    assert json.loads(target.with_suffix(".json").read_text())["whole"]
