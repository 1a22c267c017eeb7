"""Talking to the NVIDIA driver, with libraries that stand for it."""

from __future__ import annotations

import pytest

from srcli.engine.devices import nvidia


class FakeDriver:
    """``libcuda`` of two GPUs."""

    def __init__(self, status=0):
        self.status = status

    def cuInit(self, flags):  # noqa: N802
        return self.status

    def cuDriverGetVersion(self, version):  # noqa: N802
        version._obj.value = 13020

    def cuDeviceGetCount(self, count):  # noqa: N802
        count._obj.value = 2

    def cuDeviceGet(self, handle, index):  # noqa: N802
        handle._obj.value = 40 + index
        return 0 if index < 2 else 101

    def cuDeviceGetName(self, name, length, handle):  # noqa: N802
        name.value = f"Test {handle.value}".encode()

    def cuDeviceGetPCIBusId(self, address, length, handle):  # noqa: N802
        address.value = f"0000:{handle.value}:00.0".encode()
        return 0


class FakeManagement:
    """``libnvidia-ml`` that knows the second GPU only."""

    def nvmlInit_v2(self):  # noqa: N802
        return 0

    def nvmlDeviceGetHandleByPciBusId_v2(self, address, handle):  # noqa: N802
        return 0 if address == b"0000:41:00.0" else 6

    def nvmlDeviceGetMemoryInfo(self, handle, memory):  # noqa: N802
        memory._obj.total, memory._obj.free = 100, 77
        return 0


@pytest.fixture
def install(monkeypatch):
    """Puts fake libraries where the loader would find the real ones."""

    def put(driver=None, management=None):
        nvidia.driver.cache_clear()
        libraries = {"cuda": driver, "nvml": management, "nvidia-ml": management}
        monkeypatch.setattr(
            nvidia,
            "_load",
            lambda name: next((found for key, found in libraries.items() if key in name), None),
        )

    yield put
    nvidia.driver.cache_clear()


def test_a_driver_tells_its_version_and_gpus(install):
    install(FakeDriver())
    assert nvidia.driver() == nvidia.Driver((13, 2), ("Test 40", "Test 41"))


def test_no_driver(install):
    install()
    assert str(nvidia.driver()).startswith("no NVIDIA driver found (")


def test_a_driver_that_does_not_start(install):
    install(FakeDriver(status=100))
    assert nvidia.driver() == "the NVIDIA driver does not start (cuInit returned 100)"


def test_free_memory_is_that_of_the_right_gpu(install):
    install(FakeDriver(), FakeManagement())
    assert nvidia.free_memory_bytes(1) == 77


@pytest.mark.parametrize(
    ("driver", "management", "index"),
    [
        (None, FakeManagement(), 0),
        (FakeDriver(), None, 1),
        (FakeDriver(status=1), FakeManagement(), 1),
        (FakeDriver(), FakeManagement(), 0),
        (FakeDriver(), FakeManagement(), 5),
    ],
)
def test_memory_that_nobody_tells(driver, management, index, install):
    install(driver, management)
    assert nvidia.free_memory_bytes(index) == nvidia.MEMORY_BYTES_UNKNOWN
