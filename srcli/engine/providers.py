"""Which device runs the generators."""

from __future__ import annotations

import re
from dataclasses import dataclass

from srcli.core.errors import DeviceUnavailable, UsageError
from srcli.engine import cuda

CPU_PROVIDER = "CPUExecutionProvider"


@dataclass(frozen=True, slots=True)
class Device:
    """A device that can run generators.

    Attributes:
        name: ``cpu``, ``cuda:N``, or ``cuda:N,M`` for several GPUs that share the work.
        provider: onnxruntime's name for it.
        reason: why it was taken, for a person to read.
        surprising: whether a person would have expected another one: there is a GPU, and it can't serve.
    """

    name: str
    provider: str
    reason: str
    surprising: bool = False

    @property
    def index(self) -> int:
        """Number of the GPU, the first of several; 0 for the CPU."""
        return int(self.name.partition(":")[2].partition(",")[0] or 0)

    @property
    def on_gpu(self) -> bool:
        """Whether it is one GPU or several."""
        return self.provider == cuda.PROVIDER

    @property
    def parts(self) -> tuple[Device, ...]:
        """Each GPU alone; the device itself where it is only one."""
        kind, _, numbers = self.name.partition(":")
        if "," not in numbers:
            return (self,)
        names = (f"{kind}:{number}" for number in numbers.split(","))
        return tuple(Device(name, self.provider, self.reason) for name in names)


def choose_device(requested: str) -> Device:
    """The device for a request.

    Args:
        requested: ``auto``, ``cpu``, ``cuda``, ``cuda:N`` or ``cuda:N,M``. Only ``auto`` ever falls back to
            the CPU, and its reason says so.

    Raises:
        UsageError: no such kind of device.
        DeviceUnavailable: CUDA was asked for and can't serve.
    """
    if requested == "cpu":
        return Device("cpu", CPU_PROVIDER, "asked for")
    if requested == "auto":
        return _best_device()
    match = re.fullmatch(r"cuda(?::(\d+(?:,\d+)*))?", requested, re.ASCII)
    if match is None:
        raise UsageError(f"unknown device {requested!r}", hint="--device auto, cpu, cuda, cuda:N or cuda:N,M")
    indices = [int(number) for number in (match[1] or "0").split(",")]
    if len(set(indices)) < len(indices):
        raise UsageError(f"{requested} names a GPU twice")
    for index in indices:
        problem = cuda.problem(index)
        if problem is not None:
            raise DeviceUnavailable(f"cuda:{index} can't serve: {problem.reason}", hint=problem.hint)
    return Device(f"cuda:{','.join(map(str, indices))}", cuda.PROVIDER, "asked for")


def usable_devices() -> tuple[Device, ...]:
    """Every device that can serve: the CPU first, then the GPUs where everything is in place."""
    found = cuda.driver()
    count = len(found.devices) if isinstance(found, cuda.Driver) else 0
    gpus = (f"cuda:{index}" for index in range(count) if cuda.problem(index) is None)
    return tuple(choose_device(name) for name in ("cpu", *gpus))


def _best_device() -> Device:
    """The first GPU where everything is in place, else the CPU and why."""
    problem = cuda.problem(0)
    if problem is not None:
        has_gpu = isinstance(cuda.driver(), cuda.Driver)
        return Device("cpu", CPU_PROVIDER, problem.reason, surprising=has_gpu)
    found = cuda.driver()
    name = found.devices[0] if isinstance(found, cuda.Driver) else "a GPU"
    return Device("cuda:0", cuda.PROVIDER, f"found {name}")
