"""Choosing a device, and why CUDA can't serve."""

from __future__ import annotations

import subprocess
import sys

import pytest

from srcli.core.errors import DeviceUnavailable, UsageError
from srcli.engine.devices import nvidia
from srcli.engine.devices.registry import choose_device
from srcli.engine.runtimes import wheels
from srcli.engine.runtimes.wheels import Wheel

DRIVER = nvidia.Driver((13, 0), ("NVIDIA Test", "NVIDIA Test"))


@pytest.fixture
def runtime(monkeypatch):
    """Stands for an onnxruntime with CUDA; the driver and the libraries are in place."""

    class Runtime:
        __version__ = "9.9"
        cuda_version = "13.0"

        @staticmethod
        def get_available_providers():
            return ["CUDAExecutionProvider", "CPUExecutionProvider"]

    monkeypatch.setattr(nvidia, "onnxruntime", lambda: Runtime)
    monkeypatch.setattr(nvidia, "driver", lambda: DRIVER)
    monkeypatch.setattr(nvidia, "preload", lambda: None)
    monkeypatch.setattr(nvidia, "_load", lambda name: object())
    return Runtime


def test_the_cpu_is_always_there():
    device = choose_device("cpu")
    assert (device.name, device.provider, device.reason) == ("cpu", "CPUExecutionProvider", "asked for")


@pytest.mark.parametrize(
    "request_",
    ["gpu", "cuda:", "cuda:x", "cuda:-1", "", "CPU", "cuda:1\n", "cuda:0,", "cuda:,1", "cuda:0, 1"],
)
def test_unknown_devices(request_):
    with pytest.raises(UsageError, match="unknown device") as caught:
        choose_device(request_)
    assert caught.value.hint.startswith("--device ")
    assert "cuda[:N,...]" in caught.value.hint


@pytest.mark.parametrize(("request_", "index"), [("cuda", 0), ("cuda:0", 0), ("cuda:1", 1)])
def test_cuda_where_all_is_in_place(request_, index, runtime):
    device = choose_device(request_)
    assert (device.name, device.index, device.provider) == (f"cuda:{index}", index, "CUDAExecutionProvider")


def test_several_gpus(runtime):
    device = choose_device("cuda:1,0")
    assert (device.name, device.index) == ("cuda:1,0", 1)
    assert [(part.name, part.index, part.provider) for part in device.parts] == [
        ("cuda:1", 1, "CUDAExecutionProvider"),
        ("cuda:0", 0, "CUDAExecutionProvider"),
    ]
    assert device.parts[0].parts == (device.parts[0],)


def test_a_gpu_that_is_named_twice(runtime):
    with pytest.raises(UsageError, match="cuda:1,1 names a GPU twice"):
        choose_device("cuda:1,1")


def test_one_of_several_gpus_is_not_there(runtime):
    with pytest.raises(DeviceUnavailable, match="cuda:2 can't serve"):
        choose_device("cuda:0,2")


def test_auto_takes_the_gpu_and_says_so(runtime):
    device = choose_device("auto")
    assert (device.name, device.reason) == ("cuda:0", "found NVIDIA Test")


def test_a_gpu_that_is_not_there(runtime):
    with pytest.raises(DeviceUnavailable, match="there is no GPU number 2: the driver shows 2"):
        choose_device("cuda:2")


def test_no_driver(runtime, monkeypatch):
    monkeypatch.setattr(nvidia, "driver", lambda: "no NVIDIA driver found (libcuda.so.1)")
    with pytest.raises(DeviceUnavailable, match="no NVIDIA driver found") as caught:
        choose_device("cuda")
    assert "srcli doctor" in caught.value.hint
    device = choose_device("auto")
    assert device.name == "cpu"
    assert device.reason.startswith("no NVIDIA driver found (libcuda.so.1)")


def test_an_old_driver(runtime, monkeypatch):
    monkeypatch.setattr(nvidia, "driver", lambda: nvidia.Driver((12, 4), ("NVIDIA Test",)))
    with pytest.raises(DeviceUnavailable, match=r"driver serves CUDA 12\.4, onnxruntime needs CUDA 13\.0"):
        choose_device("cuda")


@pytest.mark.skipif(sys.platform != "linux", reason="library names of Linux")
def test_missing_libraries_are_named(runtime, monkeypatch):
    monkeypatch.setattr(
        nvidia, "_load", lambda name: None if "cublas" in name or "cudnn" in name else object()
    )
    with pytest.raises(
        DeviceUnavailable, match=r"missing libcublasLt\.so\.13, libcublas\.so\.13, libcudnn\.so\.9"
    ) as caught:
        choose_device("cuda")
    assert caught.value.hint == "pip install '.[cuda]' in a copy of srcli's repository"


def test_a_wheel_without_cuda(runtime, monkeypatch):
    monkeypatch.setattr(runtime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    monkeypatch.setattr(nvidia, "installed_wheels", lambda: (Wheel("onnxruntime", "9.9"),))
    with pytest.raises(DeviceUnavailable, match=r"onnxruntime 9\.9 was built without CUDA"):
        choose_device("cuda")


def test_two_wheels_at_once(runtime, monkeypatch):
    both = (Wheel("onnxruntime", "9.9"), Wheel("onnxruntime-gpu", "9.9"))
    monkeypatch.setattr(runtime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    monkeypatch.setattr(nvidia, "installed_wheels", lambda: both)
    with pytest.raises(DeviceUnavailable, match="onnxruntime-gpu are both installed") as caught:
        choose_device("cuda")
    assert caught.value.hint.startswith("pip uninstall -y onnxruntime onnxruntime-gpu")


@pytest.mark.skipif(nvidia.problem(0) is None, reason="this machine has a GPU")
def test_a_machine_without_a_gpu_is_told_apart_for_real(capfd):
    assert choose_device("auto").name == "cpu"
    with pytest.raises(DeviceUnavailable, match="cuda:0 can't serve"):
        choose_device("cuda")
    assert capfd.readouterr() == ("", "")


def test_nothing_is_printed_about_libraries(capfd):
    nvidia.preload.cache_clear()
    assert all(library.name for library in nvidia.libraries())
    assert capfd.readouterr() == ("", "")


def test_gpu_memory_without_a_driver(monkeypatch):
    monkeypatch.setattr(nvidia, "_load", lambda name: None)
    assert nvidia.free_memory_bytes(0) == 2**30


def test_wheels_are_told_from_their_relatives(monkeypatch):
    class Distribution:
        def __init__(self, name):
            self.name, self.version = name, "1.0"

    names = ("onnxruntime_gpu", "onnxruntime", "onnxruntime-extensions", "onnx", None)
    monkeypatch.setattr(wheels, "distributions", lambda: [Distribution(name) for name in names])
    assert wheels.installed_wheels() == (Wheel("onnxruntime", "1.0"), Wheel("onnxruntime-gpu", "1.0"))


def test_choosing_imports_nothing_heavy_before_it_is_asked():
    modules = "srcli.engine.devices.registry, srcli.engine.tiling.planner"
    program = f"import sys; import {modules}; sys.exit('onnxruntime' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
