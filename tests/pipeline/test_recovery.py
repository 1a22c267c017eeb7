"""The recovery score: a classifier that is made by hand, and what it recognises."""

from __future__ import annotations

import json

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from srcli.cli.app import run
from srcli.core.errors import InputError, UnsuitableModel, UsageError
from srcli.core.geometry import Size
from srcli.engine.sessions.classifier import USUAL, Classifier, Normalisation
from srcli.pipeline.recovery.labels import labelled_pictures
from tests import tiny_models

COLOURS = {"blue": (40, 60, 200), "green": (50, 190, 60), "red": (210, 50, 40)}


def colour_classifier(path, *, side=24, last=False, softmax=False, limit=0.5, copies=1):
    """Tells blue, green and red apart by the mean above ``limit``; ``copies`` repeats the three classes."""
    axes = [1, 2] if last else [2, 3]
    weights = np.tile(np.eye(3, dtype=np.float32)[::-1], (1, copies))
    weights *= np.linspace(1, 0.9, copies).repeat(3).astype(np.float32)
    nodes = [
        helper.make_node("Sub", ["input", "limit"], ["moved"]),
        helper.make_node("Relu", ["moved"], ["bright"]),
        helper.make_node("ReduceMean", ["bright"], ["mean"], axes=axes, keepdims=0),
        helper.make_node("MatMul", ["mean", "weights"], ["logits" if softmax else "output"]),
    ]
    if softmax:
        nodes.append(helper.make_node("Softmax", ["logits"], ["output"], axis=1))
    shape = ("n", side, side, 3) if last else ("n", 3, side, side)
    graph = helper.make_graph(
        nodes,
        "colours",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ("n", 3 * copies))],
        [
            numpy_helper.from_array(weights, "weights"),
            numpy_helper.from_array(np.array(limit, np.float32), "limit"),
        ],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


@pytest.fixture
def photos(tmp_path):
    """Three classes of five noisy pictures, 27 x 30, which differ in colour."""
    random = np.random.default_rng(0)
    for name, colour in COLOURS.items():
        (tmp_path / "photos" / name).mkdir(parents=True)
        for index in range(5):
            levels = np.clip(np.array(colour) + random.normal(0, 8, (27, 30, 3)), 0, 255)
            Image.fromarray(levels.astype(np.uint8)).save(tmp_path / "photos" / name / f"{index}.png")
    return tmp_path / "photos"


def recover(capsys, photos, classifier, *words, code=0):
    words = ["evaluate", "--hr", photos, "-s", 3, "-m", "nearest", "--classifier", classifier, *words]
    assert run([*map(str, words), "--no-interpolations", "--json"]) == code
    return json.loads(capsys.readouterr().out) if code == 0 else capsys.readouterr().err


@pytest.mark.parametrize("options", [{}, {"softmax": True}, {"last": True}, {"side": 9}])
def test_everything_is_recognised(options, photos, tmp_path, capsys):
    outcome = recover(capsys, photos, colour_classifier(tmp_path / "net.onnx", **options))
    assert (outcome["pictures"], outcome["classes"], outcome["scale"]) == (15, 3, 3)
    assert [kind["kind"] for kind in outcome["kinds"]] == ["original", "low", "nearest"]
    for kind in outcome["kinds"]:
        assert (kind["top_1"], kind["top_5"], kind["score"], kind["interval"]) == (1.0, None, 1.0, [1.0, 1.0])


def test_what_is_lost_is_told(photos, tmp_path, capsys):
    # Green becomes noise around the limit: a few pixels above it tell it apart until they are averaged away.
    for path in (photos / "green").iterdir():
        levels = np.full((27, 30, 3), 100, np.uint8)
        levels[::3, ::3, 1] = 140
        Image.fromarray(levels).save(path)
    outcome = recover(capsys, photos, colour_classifier(tmp_path / "net.onnx", side=27))
    original, low, nearest = outcome["kinds"]
    assert (original["top_1"], low["top_1"], nearest["top_1"]) == (
        1.0,
        pytest.approx(2 / 3),
        pytest.approx(2 / 3),
    )
    assert low["score"] == pytest.approx(2 / 3)
    assert low["interval"][0] < 2 / 3 < low["interval"][1]


def test_labels_from_a_table(photos, tmp_path, capsys):
    table = tmp_path / "labels.csv"
    # The classes as the folders number them, but for one picture that the table calls red.
    lines = ["picture,class"]
    lines += [f"{name}/{index}.png,{number}" for number, name in enumerate(COLOURS) for index in range(5)]
    lines[1] = "blue/0,2"
    table.write_text("\n".join(lines), encoding="utf-8")
    outcome = recover(capsys, photos, colour_classifier(tmp_path / "net.onnx"), "--labels", table)
    assert outcome["kinds"][0]["top_1"] == pytest.approx(14 / 15)
    table.write_text("blue/0.png,0\n", encoding="utf-8")
    assert "no class for blue/1" in recover(capsys, photos, tmp_path / "net.onnx", "--labels", table, code=1)
    table.write_text("blue/0.png,0\nblue/1.png,cat\n", encoding="utf-8")
    assert "no class number" in recover(capsys, photos, tmp_path / "net.onnx", "--labels", table, code=1)


def test_top_5_counts_where_there_are_more_classes(photos, tmp_path, capsys):
    outcome = recover(capsys, photos, colour_classifier(tmp_path / "net.onnx", copies=3))
    assert outcome["kinds"][0]["top_5"] == 1.0


def test_the_range_is_found(photos, tmp_path, capsys):
    outcome = recover(capsys, photos, colour_classifier(tmp_path / "net.onnx", limit=128.0))
    assert outcome["kinds"][0]["top_1"] == 1.0
    assert outcome["normalisation"] == str(USUAL[1])


def test_the_input_can_be_given(photos, tmp_path, capsys):
    network = colour_classifier(tmp_path / "net.onnx", limit=128.0)
    outcome = recover(capsys, photos, network, "--classifier-input", "255;0;1")
    assert outcome["kinds"][0]["top_1"] == 1.0
    outcome = recover(capsys, photos, network, "--classifier-input", "1")
    # Nothing is above the limit: every picture counts as the first class.
    assert outcome["kinds"][0]["top_1"] == pytest.approx(1 / 3)
    assert "cannot understand" in recover(capsys, photos, network, "--classifier-input", "1;2", code=2)
    assert "deviation not 0" in recover(capsys, photos, network, "--classifier-input", "1;0;0", code=2)


def test_networks_that_are_no_classifiers(photos, tmp_path, capsys):
    generator = tiny_models.nearest(tmp_path / "generator.onnx")
    assert "is no classifier" in recover(capsys, photos, generator, code=4)
    with pytest.raises(UnsuitableModel, match="does not take one picture"):
        Classifier(tiny_models.two_inputs(tmp_path / "two.onnx"))
    with pytest.raises(UnsuitableModel, match="4 channels"):
        Classifier(tiny_models.four_channels(tmp_path / "four.onnx"))
    with pytest.raises(UsageError, match="takes 24x24 only"):
        Classifier(colour_classifier(tmp_path / "net.onnx"), Size(30, 30))


def test_a_class_that_the_network_does_not_have(photos, tmp_path, capsys):
    (photos / "yellow").mkdir()
    Image.new("RGB", (27, 30), (200, 200, 0)).save(photos / "yellow" / "a.png")
    network = colour_classifier(tmp_path / "net.onnx")
    assert "class 3 is none of the classifier's 3" in recover(capsys, photos, network, code=2)


def test_pictures_need_classes(tmp_path):
    Image.new("RGB", (9, 9)).save(tmp_path / "a.png")
    with pytest.raises(InputError, match="0 folders of classes, and 1 pictures outside"):
        labelled_pictures(tmp_path, None)


def test_scores_are_those_of_the_network(tmp_path):
    network = Classifier(colour_classifier(tmp_path / "net.onnx", side=6))
    planes = np.zeros((6, 6, 3), np.float32)
    planes[:, :, 0], planes[:, :, 2] = 0.9, 0.7
    np.testing.assert_allclose(network.scores(planes, Normalisation()), [0.2, 0, 0.4], atol=1e-6)


def test_words_that_do_not_go_together(photos, tmp_path, capsys):
    network = str(colour_classifier(tmp_path / "net.onnx"))
    assert run(["evaluate", "--hr", str(photos), "--labels", "x.csv"]) == 2
    assert run(["evaluate", "--hr", str(photos), "--classifier", network, "--csv"]) == 2
    assert "print a table or --json" in capsys.readouterr().err


def test_the_table(photos, tmp_path, capsys):
    network = str(colour_classifier(tmp_path / "net.onnx"))
    words = ["evaluate", "--hr", str(photos), "-s", "3", "-m", "bicubic", "--classifier", network]
    assert run([*words, "--no-interpolations"]) == 0
    out = capsys.readouterr().out
    assert "recovery" in out
    assert "15 pictures of 3 classes, x3" in out
