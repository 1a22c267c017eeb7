"""What stands between this process and an NVIDIA GPU: the wheel, the driver, the libraries.

Everything is looked up before a session is created, since onnxruntime reports a failed CUDA provider on
standard error only and then carries on without it.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import io
import sys
from dataclasses import dataclass

from srcli.engine.devices.kind import Problem
from srcli.engine.runtimes.runtime import onnxruntime
from srcli.engine.runtimes.wheels import TWO_WHEELS_CURE, installed_wheels

PROVIDER = "CUDAExecutionProvider"
INSTALL = "pip install '.[cuda]' in a copy of srcli's repository"
MEMORY_BYTES_UNKNOWN = 1 * 2**30
"""Taken where the driver does not tell how much memory the GPU has left."""


@dataclass(frozen=True, slots=True)
class Library:
    """A library that the CUDA provider needs. ``found``: the loader finds it, in the system or in a wheel."""

    name: str
    found: bool


@dataclass(frozen=True, slots=True)
class Driver:
    """The NVIDIA driver: the newest CUDA ``version`` that it serves, and the names of its GPUs."""

    version: tuple[int, int]
    devices: tuple[str, ...]


class _Memory(ctypes.Structure):
    """``nvmlMemory_t`` of NVIDIA's management library, in bytes."""

    _fields_ = (("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong))


def problem(index: int) -> Problem | None:
    """Why GPU number ``index`` can't serve; None when everything is in place."""
    return _wheel_problem() or _driver_problem(index) or _library_problem()


@functools.cache
def driver() -> Driver | str:
    """The NVIDIA driver, or the reason why there is none."""
    library = _load(_driver_name())
    if library is None:
        return f"no NVIDIA driver found ({_driver_name()})"
    status = library.cuInit(0)
    if status != 0:
        return f"the NVIDIA driver does not start (cuInit returned {status})"
    version, count = ctypes.c_int(), ctypes.c_int()
    library.cuDriverGetVersion(ctypes.byref(version))
    library.cuDeviceGetCount(ctypes.byref(count))
    names = tuple(_device_name(library, index) for index in range(count.value))
    return Driver((version.value // 1000, version.value % 1000 // 10), names)


def libraries() -> tuple[Library, ...]:
    """The libraries that onnxruntime needs for CUDA, found or missing; empty where it was built without."""
    preload()
    return tuple(Library(name, _load(name) is not None) for name in _library_names(built_for()))


@functools.cache
def preload() -> None:
    """Load the CUDA and cuDNN libraries of the installed wheels, so that the provider finds them.

    Has to happen before the first session is created. What onnxruntime prints about a missing one is dropped:
    ``libraries`` tells the same by name.
    """
    runtime = onnxruntime()
    if built_for() is not None and hasattr(runtime, "preload_dlls"):
        with contextlib.redirect_stdout(io.StringIO()):
            runtime.preload_dlls()


def built_for() -> tuple[int, int] | None:
    """The CUDA version that the installed onnxruntime was built for; None without CUDA."""
    version = str(getattr(onnxruntime(), "cuda_version", "") or "")
    major, _, minor = version.partition(".")
    return (int(major), int(minor.partition(".")[0] or 0)) if major.isdigit() else None


def free_memory_bytes(index: int) -> int:
    """Memory that GPU number ``index`` has left."""
    library = _load("nvml.dll" if sys.platform == "win32" else "libnvidia-ml.so.1")
    address = _bus_address(index)
    if library is None or address is None or library.nvmlInit_v2() != 0:
        return MEMORY_BYTES_UNKNOWN
    handle, memory = ctypes.c_void_p(), _Memory()
    found = library.nvmlDeviceGetHandleByPciBusId_v2(address, ctypes.byref(handle)) == 0
    if not found or library.nvmlDeviceGetMemoryInfo(handle, ctypes.byref(memory)) != 0:
        return MEMORY_BYTES_UNKNOWN
    return int(memory.free)


def _wheel_problem() -> Problem | None:
    """The installed onnxruntime has no CUDA provider."""
    runtime = onnxruntime()
    if PROVIDER in runtime.get_available_providers():
        return None
    wheels = installed_wheels()
    if len(wheels) > 1:
        names = " and ".join(wheel.name for wheel in wheels)
        return Problem(f"{names} are both installed, and one hides the other", TWO_WHEELS_CURE)
    return Problem(f"onnxruntime {runtime.__version__} was built without CUDA", INSTALL)


def _driver_problem(index: int) -> Problem | None:
    """No driver, too old a driver, or no such GPU."""
    found = driver()
    if isinstance(found, str):
        return Problem(
            found, "install the NVIDIA driver, or use --device cpu; srcli doctor shows what is missing"
        )
    needed = built_for()
    if needed and found.version[0] < needed[0]:
        return Problem(
            f"the NVIDIA driver serves CUDA {found.version[0]}.{found.version[1]}, "
            f"onnxruntime needs CUDA {needed[0]}.{needed[1]}",
            "install a newer NVIDIA driver, or use --device cpu",
        )
    if index >= len(found.devices):
        return Problem(
            f"there is no GPU number {index}: the driver shows {len(found.devices)}", "srcli doctor"
        )
    return None


def _library_problem() -> Problem | None:
    """A library of CUDA or cuDNN is missing."""
    missing = [library.name for library in libraries() if not library.found]
    if not missing:
        return None
    return Problem(f"missing {', '.join(missing)}", INSTALL)


def _library_names(version: tuple[int, int] | None) -> tuple[str, ...]:
    """What the CUDA provider links to, and cuDNN, which it loads when it meets a convolution."""
    if version is None:
        return ()
    major = version[0]
    if sys.platform == "win32":
        return (f"cudart64_{major}.dll", f"cublasLt64_{major}.dll", f"cublas64_{major}.dll", "cudnn64_9.dll")
    cuda = (f"libcudart.so.{major}", f"libcublasLt.so.{major}", f"libcublas.so.{major}", "libcurand.so.10")
    return (*cuda, "libcudnn.so.9")


def _device_name(library: ctypes.CDLL, index: int) -> str:
    """A GPU's name as its driver tells it."""
    handle, name = ctypes.c_int(), ctypes.create_string_buffer(128)
    library.cuDeviceGet(ctypes.byref(handle), index)
    library.cuDeviceGetName(name, len(name), handle)
    return name.value.decode("utf-8", "replace")


def _bus_address(index: int) -> bytes | None:
    """Where GPU number ``index`` sits; CUDA_VISIBLE_DEVICES renumbers GPUs for CUDA alone."""
    library, address = _load(_driver_name()), ctypes.create_string_buffer(32)
    if library is None or library.cuInit(0) != 0:
        return None
    handle = ctypes.c_int()
    if library.cuDeviceGet(ctypes.byref(handle), index) != 0:
        return None
    return address.value if library.cuDeviceGetPCIBusId(address, len(address), handle) == 0 else None


def _driver_name() -> str:
    """File name of the NVIDIA driver's library."""
    return "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"


def _load(name: str) -> ctypes.CDLL | None:
    """A shared library by its name, None where the loader doesn't find it."""
    try:
        return ctypes.CDLL(name)
    except OSError:
        return None
