"""The small classifier: from a folder of classes to an ONNX file that tells them apart."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srcli.core.errors import InputError, OutputError, UsageError
from srcli.engine.sessions.classifier import Classifier, Normalisation
from srcli.training.classifier import ClassifierSettings, train_classifier

SCRIPT = Path(__file__).resolve().parents[2] / "recipes" / "classifier.py"


@pytest.fixture
def stripes(tmp_path):
    """Two classes of ten pictures each, which differ in the direction of their stripes only."""
    random = np.random.default_rng(0)
    for name, axis in (("across", 0), ("down", 1)):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for index in range(10):
            lines = 128 + 100 * np.sin(np.arange(17) * 1.5 + random.uniform(0, 6))
            levels = np.repeat(np.broadcast_to(lines, (17, 17))[:, :, None], 3, axis=2)
            levels = levels.swapaxes(0, 1) if axis else levels
            Image.fromarray(levels.astype(np.uint8)).save(tmp_path / "photos" / name / f"{index}.png")
    return tmp_path / "photos"


def test_it_learns_to_tell_them_apart(stripes, tmp_path):
    # What else lies there is no picture: `srcli upscale` leaves a manifest behind.
    (stripes / "across" / ".srcli-manifest.jsonl").write_text("{}")
    (stripes / "down" / "notes.txt").write_text("stripes")
    told = []
    train_classifier(
        stripes, tmp_path / "net.onnx", ClassifierSettings(16, 12), lambda *epoch: told.append(epoch)
    )
    assert [epoch for epoch, _, _ in told] == list(range(1, 13))
    network = Classifier(tmp_path / "net.onnx")
    assert (tuple(network.size), network.classes) == ((16, 16), 2)
    for name, expected in (("across", 0), ("down", 1)):
        with Image.open(stripes / name / "3.png") as picture:
            planes = np.asarray(picture.resize((16, 16)), np.float32) / 255
        assert network.scores(planes, Normalisation()).argmax() == expected


def test_the_command(stripes, tmp_path, monkeypatch, capsys):
    words = [str(SCRIPT), str(stripes), "-o", str(tmp_path / "net.onnx"), "--side", "8", "--epochs", "1"]
    monkeypatch.syspath_prepend(str(SCRIPT.parent))
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(SCRIPT), run_name="__main__")
    assert ended.value.code == 0
    assert "epoch 1: loss" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(SCRIPT), run_name="__main__")
    assert ended.value.code == 1
    assert "exists already" in capsys.readouterr().err


def test_what_can_not_be_trained(tmp_path):
    with pytest.raises(InputError, match="0 folders of classes"):
        train_classifier(tmp_path, tmp_path / "net.onnx", ClassifierSettings())
    for name in "ab":
        (tmp_path / name).mkdir()
    with pytest.raises(InputError, match="are empty"):
        train_classifier(tmp_path, tmp_path / "net.onnx", ClassifierSettings())
    (tmp_path / "net.onnx").touch()
    with pytest.raises(OutputError):
        train_classifier(tmp_path, tmp_path / "net.onnx", ClassifierSettings())
    for side, epochs in ((30, 1), (4, 1), (32, 0)):
        with pytest.raises(UsageError):
            ClassifierSettings(side, epochs)
