"""Which of a generator's files runs where."""

from __future__ import annotations

import dataclasses

import pytest

from srcli.core.card import Variant
from srcli.engine.devices.cuda import CUDA
from srcli.engine.devices.kind import Device
from srcli.engine.inference import ort_session
from srcli.models.store import InstalledModel
from srcli.upscaling.generator import Generator, RunOptions
from tests import tiny_models

GPU = Device("cuda:0", CUDA, "asked for")


@pytest.fixture
def generator(tmp_path):
    def make(device, precision="auto", *, safe=True, variants=("fp16", "int8")):
        card = tiny_models.install(tmp_path)
        files = {name: Variant(f"fast-x2.{name}.onnx", "") for name in variants}
        card = dataclasses.replace(card, fp16_safe=safe, variants=files)
        return Generator(
            InstalledModel(card, tmp_path / "fast-x2.onnx"), device, RunOptions(precision=precision)
        )

    return make


def test_a_gpu_runs_half_precision_where_that_is_safe(generator):
    assert generator(GPU).precision == "fp16"
    assert generator(GPU, safe=False).precision == "fp32"
    assert generator(GPU, variants=("int8",)).precision == "fp32"


def test_a_cpu_runs_full_precision(generator):
    assert generator(ort_session.CPU).precision == "fp32"


@pytest.mark.parametrize("device", [GPU, ort_session.CPU])
@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
def test_what_was_asked_for_runs(device, precision, generator):
    assert generator(device, precision, safe=False).precision == precision
