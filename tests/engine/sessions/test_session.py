"""Opening and running sessions."""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest

from srcli.core.errors import DamagedModel, DeviceUnavailable, OutOfMemory, UnknownModel, UnsuitableModel
from srcli.core.out_of_memory import ran_out_of_memory
from srcli.engine.devices import nvidia
from srcli.engine.devices.cuda import CUDA
from srcli.engine.devices.kind import Device, Tuning
from srcli.engine.inference import batches, ort_session
from srcli.engine.runtimes import onnxruntime_session
from srcli.engine.runtimes.io_binding import IoBindingSession
from srcli.engine.runtimes.runtime import onnxruntime, runtime_errors
from srcli.engine.sessions.selftest import difference_levels, reference_session
from srcli.engine.sessions.session import Session, open_session
from tests import tiny_models

GPU = Device("cuda:0", CUDA, "asked for")


def noise(*shape):
    return np.random.default_rng(0).random(shape, dtype=np.float32)


@pytest.mark.parametrize("name", ["deep", "channels_last", "wide_range", "fixed_size"])
def test_every_kind_of_file_gives_the_same_picture(name, open_tiny):
    batch = noise(2, 3, 40, 48)
    expected = open_tiny("deep").run(batch)
    assert expected.shape == (2, 3, 80, 96)
    assert expected.dtype == np.float32
    np.testing.assert_allclose(open_tiny(name).run(batch), expected, atol=1e-5)


@pytest.mark.parametrize(("name", "tolerance"), [("bytes_in_and_out", 1.5 / 255), ("half", 2e-3)])
def test_coarse_files_round(name, tolerance, open_tiny):
    batch = np.rint(noise(1, 3, 21, 30) * 255).astype(np.float32) / 255
    expected = open_tiny("deep").run(batch).clip(0, 1)
    np.testing.assert_allclose(open_tiny(name).run(batch).clip(0, 1), expected, atol=tolerance)


def test_a_grey_generator_treats_every_plane_alike(open_tiny):
    session = open_tiny("grey")
    batch = noise(2, 3, 20, 31)
    result = session.run(batch)
    neutral = session.run(np.repeat(batch[:, 1:2], 3, axis=1))
    np.testing.assert_array_equal(neutral[:, 0], neutral[:, 2])
    np.testing.assert_array_equal(result[:, 1], neutral[:, 1])


def test_the_session_tells_what_runs(open_tiny):
    session = open_tiny("half", precision="fp16")
    assert session.provider == "CPUExecutionProvider"
    assert session.device.name == "cpu"
    assert session.precision == "fp16"
    assert session.traits.scale == 2


def test_threads_do_not_change_the_picture(tmp_path):
    path = tiny_models.deep(tmp_path / "deep.onnx")
    batch = noise(1, 3, 50, 61)
    one = open_session(path, ort_session.CPU, threads=1).run(batch)
    np.testing.assert_array_equal(open_session(path, ort_session.CPU, threads=2).run(batch), one)


def test_a_size_that_does_not_suit(open_tiny, capfd):
    with pytest.raises(UnsuitableModel, match=r"fails on an input of shape \(1, 3, 21, 30\)"):
        open_tiny("pairs_of_pixels").run(noise(1, 3, 21, 30))
    assert capfd.readouterr() == ("", "")


def test_a_missing_file(tmp_path):
    with pytest.raises(UnknownModel):
        open_session(tmp_path / "none.onnx", ort_session.CPU)


@pytest.mark.skipif(sys.platform != "linux", reason="file names are not bytes here")
def test_a_name_that_is_not_utf8(tmp_path):
    path = tmp_path / os.fsdecode(b"m\xff.onnx")
    tiny_models.deep(path)
    assert open_session(path, ort_session.CPU).traits.scale == 2


def test_a_broken_graph(tmp_path, capfd):
    path = tiny_models.deep(tmp_path / "deep.onnx")
    path.write_bytes(path.read_bytes().replace(b"DepthToSpace", b"DepthToSpice"))
    with pytest.raises(DamagedModel, match=r"cannot load .*deep\.onnx"):
        open_session(path, ort_session.CPU)
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(nvidia.problem(0) is None, reason="this machine has a GPU")
# The wheel of onnxruntime without CUDA warns as well.
@pytest.mark.filterwarnings("ignore:Specified provider 'CUDAExecutionProvider' is not in available")
def test_cuda_never_falls_back_in_silence(tmp_path):
    path = tiny_models.deep(tmp_path / "deep.onnx")
    with pytest.raises(DeviceUnavailable, match="cuda:0"):
        open_session(path, GPU)


@pytest.mark.skipif(nvidia.problem(0) is not None, reason="no usable GPU")
def test_cuda_agrees_with_the_cpu(tmp_path):
    path = tiny_models.deep(tmp_path / "deep.onnx")
    session = open_session(path, GPU)
    assert session.provider == nvidia.PROVIDER
    assert difference_levels(session, reference_session(path, session)) < 1


@pytest.mark.parametrize(
    "text",
    [
        "BFCArena::AllocateRawInternal Failed to allocate memory for requested buffer of size 12345",
        "BFC Arena: Available memory of 10 is smaller than requested bytes of 20",
        "CUDA failure 2: out of memory ; GPU=0",
        "CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED",
        "std::bad_alloc",
    ],
)
def test_running_out_of_memory_is_recognised(text, open_tiny):
    class Exhausted:
        def get_inputs(self):
            return [type("Input", (), {"name": "input"})]

        def run(self, names, feed):
            raise RuntimeError(text)

    with pytest.raises(OutOfMemory, match="not enough memory for an input of shape"):
        ort_session.run(Exhausted(), noise(1, 3, 4, 4))


def test_memory_that_runs_out_in_python(open_tiny, monkeypatch):
    def exhausted(batch, traits):
        raise MemoryError

    monkeypatch.setattr(batches, "encode", exhausted)
    with pytest.raises(OutOfMemory):
        open_tiny("deep").run(noise(1, 3, 8, 8))


def test_other_errors_are_not_taken_for_memory():
    assert not ran_out_of_memory(RuntimeError("Got invalid dimensions for input"))
    assert len(runtime_errors()) > 5


@pytest.mark.parametrize("name", ["deep", "bytes_in_and_out", "fixed_size", "pairs_of_pixels"])
def test_the_self_test_passes_on_the_cpu(name, open_tiny, tmp_path):
    session = open_tiny(name)
    assert difference_levels(session, reference_session(tmp_path / f"{name}.onnx", session)) <= 1


def test_the_self_test_sees_a_difference(open_tiny, tmp_path):
    path = tiny_models.nearest(tmp_path / "nearest.onnx")
    session = open_tiny("deep")
    assert difference_levels(session, reference_session(path, session)) > 1


def test_windows_come_back_in_order(open_tiny):
    session = open_tiny("deep")
    windows = [noise(1, 3, height, 14) for height in (9, 9, 12, 9)]
    for window, result in zip(windows, session.run_many(windows), strict=True):
        np.testing.assert_array_equal(result, session.run(window))


@pytest.mark.parametrize("lanes", [1, 2])
@pytest.mark.parametrize("name", ["deep", "fixed_size"])
def test_batches_and_lanes_do_not_change_the_picture(name, lanes, open_tiny, tmp_path):
    alone = open_tiny(name)
    runtimes = [ort_session.create(tmp_path / f"{name}.onnx", ort_session.CPU) for _ in range(lanes)]
    bound = [IoBindingSession(runtime, "cpu") for runtime in runtimes]
    facts = {"device": alone.device, "precision": "fp32", "traits": alone.traits}
    together = Session(*bound, **facts, batch_pixels=4 * 40 * 48)
    windows = list(noise(11, 1, 3, 40, 48))
    for window, result in zip(windows, together.run_many(windows), strict=True):
        np.testing.assert_allclose(result, alone.run(window), atol=1e-6)


def test_what_onnxruntime_is_asked_for_on_a_gpu(tmp_path, monkeypatch):
    asked = {}

    class Recorder:
        def __init__(self, source, options, **more):
            asked.update(more, strict=options.get_session_config_entry("session.disable_cpu_ep_fallback"))

        def get_providers(self):
            return [nvidia.PROVIDER]

    class Runtime:
        InferenceSession = Recorder

        def __getattr__(self, name):
            return getattr(onnxruntime(), name)

    monkeypatch.setattr(onnxruntime_session, "onnxruntime", Runtime)
    monkeypatch.setattr(nvidia, "preload", lambda: None)
    path = tiny_models.deep(tmp_path / "deep.onnx")
    session = ort_session.create(path, Device("cuda:1", CUDA, ""), tuning=Tuning(nhwc=True))
    assert isinstance(session, IoBindingSession)
    ((provider, options),) = asked["providers"]
    assert provider == nvidia.PROVIDER
    assert (options["device_id"], options["use_tf32"]) == ("1", "0")
    assert options["cudnn_conv_algo_search"] == "HEURISTIC"
    assert (options["prefer_nhwc"], options["enable_cuda_graph"]) == ("1", "0")
    assert (asked["enable_fallback"], asked["strict"]) == (0, "1")
