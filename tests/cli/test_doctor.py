"""``srcli doctor``."""

from __future__ import annotations

import json

import pytest

from srcli.cli.app import run
from srcli.core.errors import MachineError
from srcli.engine.devices import nvidia
from srcli.engine.devices.registry import KINDS
from srcli.engine.runtimes.wheels import Wheel
from srcli.models import store
from srcli.pipeline import doctor as examination


@pytest.fixture(autouse=True)
def only_tiny(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(store, "shipped_folder", lambda: tmp_path / "nothing")
    return tmp_path / "models"


def examine(capfd):
    code = run(["doctor", "--json"])
    captured = capfd.readouterr()
    assert captured.err == ""
    return code, json.loads(captured.out)


def test_a_healthy_machine(capfd):
    code, found = examine(capfd)
    assert code == 0
    assert found["healthy"] is True
    assert found["troubles"] == []
    cpu = found["devices"][0]
    assert (cpu["name"], cpu["usable"], cpu["passed"]) == ("cpu", True, True)
    assert cpu["difference_levels"] < 1
    assert [model["problem"] for model in found["models"]] == [None] * 3
    assert found["runtime"]["providers"][-1] == "CPUExecutionProvider"
    assert set(found["libraries"]) == {"Pillow", "pyvips", "libvips", "zlib-ng"}
    assert found["codecs"]["PNG"] is True
    assert found["cores"] >= 1
    assert found["dot_product"] in (True, False, None)


@pytest.mark.skipif(nvidia.problem(0) is None, reason="this machine has a GPU")
def test_a_missing_gpu_is_explained_and_no_harm(capfd):
    code, found = examine(capfd)
    assert code == 0
    gpu = found["devices"][1]
    assert (gpu["name"], gpu["usable"], gpu["passed"]) == ("cuda:0", False, None)
    assert gpu["reason"]


def test_every_kind_is_listed_found_or_missing(capfd):
    _, found = examine(capfd)
    assert {device["name"].partition(":")[0] for device in found["devices"]} == {kind.name for kind in KINDS}
    for device in found["devices"]:
        assert device["reason"]
        assert device["usable"] or device["hint"]


def test_a_kind_that_nobody_tried_says_so(capfd):
    assert run(["doctor"]) == 0
    lines = {line.split()[0]: line for line in capfd.readouterr().out.splitlines() if line}
    assert "was tried yet" not in lines["cpu"]
    assert "no device of this kind was tried yet" in lines["coreml"]


def test_words_for_people(capfd):
    assert run(["doctor"]) == 0
    captured = capfd.readouterr()
    assert captured.err == ""
    lines = captured.out.splitlines()
    assert lines[0].split()[0] == "srcli"
    assert any(line.startswith("cpu ") and "self-test passed" in line for line in lines)
    assert lines[-1] == "healthy: srcli can run on this machine"


def test_both_wheels_at_once(capfd, monkeypatch):
    both = (Wheel("onnxruntime", "1.0"), Wheel("onnxruntime-gpu", "1.0"))
    monkeypatch.setattr(examination, "installed_wheels", lambda: both)
    code, found = examine(capfd)
    assert code == 3
    assert found["healthy"] is False
    assert found["troubles"] == [
        {
            "message": "onnxruntime and onnxruntime-gpu are both installed, and one hides the other",
            "hint": "pip uninstall -y onnxruntime onnxruntime-gpu, then pip install '.[cuda]' in a copy of "
            "srcli's repository",
        }
    ]


def test_a_damaged_generator(capfd, only_tiny):
    (only_tiny / "tiny-x2.onnx").write_bytes(b"")
    assert run(["doctor"]) == 3
    captured = capfd.readouterr()
    assert "broken: " in captured.out
    assert "tiny-x2.onnx is damaged" in captured.out
    assert "healthy" not in captured.out


def test_no_generators(capfd, only_tiny, monkeypatch, tmp_path):
    monkeypatch.setenv("SRCLI_MODELS", str(tmp_path / "empty"))
    code, found = examine(capfd)
    assert code == 3
    assert found["troubles"][0]["message"] == "no generators are installed"
    assert found["devices"][0]["passed"] is None


def test_an_unreadable_card(capfd, only_tiny):
    (only_tiny / "tiny-x2.json").write_text("{")
    code, found = examine(capfd)
    assert code == 3
    assert "cannot read the model card" in found["troubles"][0]["message"]


@pytest.mark.parametrize("levels", [3.5, float("inf")])
def test_a_device_that_computes_wrong(levels, capfd, monkeypatch):
    monkeypatch.setattr(examination, "difference_levels", lambda session, reference: levels)
    code, found = examine(capfd)
    assert code == 3
    assert found["devices"][0]["passed"] is False
    assert found["troubles"][0]["message"].startswith("the self-test on cpu failed: a tile is off by")


def test_an_onnxruntime_that_does_not_load(capfd, monkeypatch):
    def broken():
        raise MachineError("cannot load onnxruntime: no module", hint="install it")

    monkeypatch.setattr(examination, "onnxruntime", broken)
    code, found = examine(capfd)
    assert code == 3
    assert found["runtime"] is None
    assert found["troubles"] == [{"message": "cannot load onnxruntime: no module", "hint": "install it"}]
