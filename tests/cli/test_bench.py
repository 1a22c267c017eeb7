"""``srcli bench`` from the command line to its figures; never how fast anything is."""

from __future__ import annotations

import json

import pytest
from PIL import Image

from srcli.cli.app import run
from srcli.engine.sessions import peak
from tests import tiny_models


@pytest.fixture(autouse=True)
def small_peak(monkeypatch):
    monkeypatch.setattr(peak, "SIDE_ON_CPU", 64)


def _bench(*words):
    return run(["bench", *map(str, words), "--seconds", "0"])


def _figures(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_every_combination_is_measured(tiny, capsys):
    words = ["-m", tiny, "-s", 2, "-s", 3, "--threads", 1, "--threads", 2, "--size", "45x37", "--json"]
    assert _bench(*words) == 0
    figures = _figures(capsys)
    assert [(one["scale"], one["threads"]) for one in figures] == [(2, 1), (2, 2), (3, 1), (3, 2)]
    for one in figures:
        assert one["input_size"] == [45, 37]
        assert (one["tile"], one["tiles"], one["pictures"], one["repeats"]) == ([45, 37], 1, 1, 1)
        assert one["provider"] == "CPUExecutionProvider"
        assert list(one["stages_s"]) == ["decode", "prepare", "infer", "blend", "encode"]
        assert all(seconds > 0 for seconds in one["stages_s"].values())
        assert one["fastest_s"] <= one["seconds"] <= one["slowest_s"]
        megapixels = 45 * 37 / 1e6
        assert one["input_megapixels_per_s"] == pytest.approx(megapixels / one["seconds"], rel=0.01)
        assert one["output_megapixels_per_s"] == pytest.approx(
            one["input_megapixels_per_s"] * one["scale"] ** 2, rel=0.01
        )
        assert one["raw_share"] == pytest.approx(one["raw_s"] / one["seconds"], rel=0.01)
        assert one["gops"] == pytest.approx(2 * 4976 * 45 * 37 / one["seconds"] / 1e9, rel=0.01)
        assert one["peak_share"] == pytest.approx(one["gops"] / one["peak_gops"], rel=0.01)
        assert one["peak_memory_bytes"] is None or one["peak_memory_bytes"] > 10e6


def test_pictures_of_ones_own_in_tiles(tiny, tmp_path, capsys):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a.png", "b.png"):
        Image.effect_noise((70, 41), 60).convert("RGB").save(folder / name)
    assert _bench(folder, "-m", tiny, "-s", 2, "--tile", 40, "--json") == 0
    (one,) = _figures(capsys)
    assert (one["pictures"], one["input_size"], one["tile"]) == (2, [70, 41], [40, 40])
    assert one["tiles"] == 2 * 6
    assert sorted(path.name for path in folder.iterdir()) == ["a.png", "b.png"]


def test_several_synthetic_pictures(tiny, capsys):
    assert _bench("-m", tiny, "--pictures", 3, "--size", "33x20", "--json") == 0
    (one,) = _figures(capsys)
    assert (one["pictures"], one["scale"], one["tiles"]) == (3, 4, 3)


@pytest.mark.parametrize(
    ("threads", "pictures", "side_by_side"),
    [(1, 3, 1), (2, 1, 1), (2, 2, 2), (2, 3, 2), (4, 3, 1), (9, 6, 5)],
)
def test_small_pictures_side_by_side(tiny, capsys, threads, pictures, side_by_side):
    words = ["-m", tiny, "--threads", threads, "--pictures", pictures, "--size", "33x20", "--repeats", 2]
    assert _bench(*words, "--json") == 0
    (one,) = _figures(capsys)
    assert (one["threads"], one["side_by_side"], one["tiles"]) == (threads, side_by_side, pictures)
    assert one["raw_s"] > 0


def test_a_file_brings_its_scale(tmp_path, capsys):
    tiny_models.nearest(tmp_path / "three.onnx", 3)
    assert _bench("-m", tmp_path / "three.onnx", "--size", "33x20", "--json") == 0
    (one,) = _figures(capsys)
    assert (one["scale"], one["gops"], one["peak_share"]) == (3, None, None)


def test_tables_for_people(tiny, capsys):
    assert _bench("-m", tiny, "-s", 2, "--threads", 1, "--size", "33x20") == 0
    captured = capsys.readouterr()
    assert "a picture of 33x20" in captured.out
    assert "cpu, 1 thread " in captured.out
    assert "tiny x2 fp32" in captured.out
    assert captured.err == ""


def test_a_case_that_fails_does_not_end_the_others(tiny, capsys):
    assert _bench("-m", "none", "-m", tiny, "--size", "33x20", "--json") == 1
    captured = capsys.readouterr()
    assert [json.loads(line)["model"] for line in captured.out.splitlines()] == [tiny]
    assert "error: none, precision auto, device auto: there is no generator named 'none'" in captured.err


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--size", "large"], 2, "'large' is no size"),
        (["--size", "0x10"], 2, "'0x10' is no size"),
        (["--repeats", "0"], 2, "--repeats 0 is below 1"),
        (["--warm-up", "0"], 2, "--warm-up 0 is below 1"),
        (["-m", "bicubic"], 2, "bicubic has no x4 generator"),
        (["-m", "tiny", "-s", "5"], 2, "tiny has no x5 generator"),
        (["-m", "tiny", "--precision", "int8"], 4, "tiny x4 has no int8 file"),
        (["missing.png", "-m", "tiny"], 1, "missing.png"),
    ],
)
def test_what_makes_no_sense(tiny, capsys, words, code, message):
    assert _bench(*words) == code
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""
