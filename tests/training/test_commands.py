"""``srcli train`` and ``srcli export`` from the command line to files, exit code, stdout and stderr."""

import json
import os
import re
import signal
import sys
import threading

import pytest
from PIL import Image

from srcli.cli.app import run
from srcli.training.checkpoint import load_checkpoint


@pytest.fixture(autouse=True)
def _signals_as_they_were():
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


def _quick(photographs, folder, *more):
    words = [photographs, "-o", folder, "-a", "plain", "-s", 2, "--crop", 32, "--batch", 1, *more]
    return run(["train", *map(str, words)])


def test_two_commands_make_a_generator_that_a_third_uses(photographs, tmp_path, capsys):
    folder, model = tmp_path / "run", tmp_path / "mine-x2.onnx"
    assert _quick(photographs, folder, "--steps", 30) == 0
    assert run(["export", str(folder), "-o", str(model)]) == 0
    output = tmp_path / "larger.png"
    assert run(["upscale", str(photographs / "a.png"), "-s", "2", "-m", str(model), "-o", str(output)]) == 0
    with Image.open(output) as picture:
        assert picture.size == (186, 142)
    captured = capsys.readouterr()
    assert "srcli export" in captured.err


def test_json_prints_an_object_an_epoch_on_stdout(photographs, tmp_path, capsys):
    assert _quick(photographs, tmp_path / "run", "--steps", 2, "--json") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["step"] for line in lines] == [2]


def test_options_override_the_file(photographs, tmp_path):
    settings = tmp_path / "a.toml"
    settings.write_text(
        f'photographs = "{photographs}"\nscale = 4\nminutes = 60\ncrop = 32\n[losses]\nmse = 1\n'
    )
    folder = tmp_path / "run"
    words = ["train", "-c", str(settings), "-o", str(folder), "-s", "2", "--steps", "1", "--loss", "l1=2"]
    assert run(words) == 0
    state = load_checkpoint(folder)
    assert (state["scale"], state["steps"], state["loss"]) == (2, 1, "2 l1")


def test_a_warm_start_takes_an_exported_generator(photographs, tmp_path):
    folder, model = tmp_path / "run", tmp_path / "mine-x2.onnx"
    assert _quick(photographs, folder, "--steps", 1) == 0
    assert run(["export", str(folder), "-o", str(model)]) == 0
    words = [photographs, "-o", tmp_path / "other", "-a", "plain", "-s", 4, "--crop", 32, "--steps", 1]
    assert run(["train", *map(str, words), "--from", str(model)]) == 0


def test_an_interrupt_writes_a_checkpoint_and_the_command_goes_on(photographs, tmp_path, capsys):
    folder = tmp_path / "run"
    timer = threading.Timer(3.0, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    assert _quick(photographs, folder, "--minutes", 2) == 130
    timer.join()
    taken = load_checkpoint(folder)["steps"]
    assert taken > 0
    assert f"stopped after {taken} steps" in capsys.readouterr().err
    assert _quick(photographs, folder, "--steps", taken + 1) == 0
    assert load_checkpoint(folder)["steps"] == taken + 1


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["train"], 2, "needs a folder of photographs"),
        (["train", "nowhere", "-o", "run"], 1, "no such folder"),
        (["train", "nowhere", "-o", "run", "-s", "5"], 2, "scale 5"),
        (["train", "nowhere", "-o", "run", "--loss", "l1=much"], 2, "no number"),
        (["train", "nowhere", "-o", "run", "-c", "nowhere.toml"], 1, "cannot read"),
        (["export", "nowhere", "-o", "out.onnx"], 1, "no checkpoint in nowhere"),
        (["export", "nowhere", "-o", "out.pth"], 2, "has to end in .onnx"),
    ],
)
def test_mistakes_end_with_their_exit_code_and_a_message(words, code, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(words) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err


@pytest.mark.parametrize("words", [["train", "photos", "-o", "run"], ["export", "run", "-o", "out.onnx"]])
def test_without_pytorch_the_command_names_the_extra(words, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert run(words) == 3
    assert "pip install '.[train]' in a copy of srcli's repository" in capsys.readouterr().err


def test_what_will_be_done_is_told_at_once_with_a_first_figure(photographs, tmp_path, capsys):
    assert _quick(photographs, tmp_path / "run", "--steps", 2) == 0
    lines = capsys.readouterr().err.splitlines()
    assert re.fullmatch(
        r"plain x2 \([\d,]+ weights\) on 2 photographs, measured on 1 other, for 2 steps; "
        r"a figure every \d+ steps",
        lines[0],
    )
    assert re.fullmatch(r"step 0, before: PSNR \d+\.\d\d dB, SSIM 0\.\d{4}, MSE \d+\.\d\d", lines[1])
    assert lines[2].startswith("step 2, ")
    assert _quick(photographs, tmp_path / "run", "--steps", 4) == 0
    assert "50% of which are done" in capsys.readouterr().err


def test_a_bar_moves_from_the_first_step(photographs, tmp_path, monkeypatch):
    moves = []
    monkeypatch.setattr("srcli.cli.progress.Bars.progress", lambda _, *move: moves.append(move[1:]))
    assert _quick(photographs, tmp_path / "run", "--steps", 3) == 0
    assert moves == [("step", 1, 3), ("step", 2, 3), ("step", 3, 3)]
