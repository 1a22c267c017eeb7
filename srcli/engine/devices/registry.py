"""All kinds of devices, and the choice among them."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from srcli.core.errors import DeviceUnavailable, UsageError
from srcli.core.precision import AUTO, BRAIN, PRECISIONS
from srcli.engine.devices import nvidia
from srcli.engine.devices.coreml import COREML
from srcli.engine.devices.cpu import CPU
from srcli.engine.devices.cuda import CUDA
from srcli.engine.devices.directml import DIRECTML
from srcli.engine.devices.kind import Device, Kind
from srcli.engine.devices.openvino import OPENVINO
from srcli.engine.devices.tensorrt import TENSORRT
from srcli.engine.devices.webgpu import WEBGPU

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS: tuple[Kind, ...] = (CPU, CUDA, TENSORRT, OPENVINO, WEBGPU, DIRECTML, COREML)
USAGE = "|".join((AUTO, *(kind.usage for kind in KINDS)))


def choose_device(requested: str, precision: str = AUTO) -> Device:
    """The device for a request.

    Args:
        requested: ``auto``, or the name of a kind and what may follow it. Only ``auto`` ever takes the CPU
            instead, and its reason says so.
        precision: what it is to compute in; ``auto`` for what suits it.

    Raises:
        UsageError: no such kind of device.
        DeviceUnavailable: what was asked for can't serve, or not in this precision.
    """
    if requested == AUTO:
        return _best_device(precision)
    name, colon, part = requested.partition(":")
    kind = next((kind for kind in KINDS if kind.name == name), None)
    if kind is None:
        raise UsageError(f"unknown device {requested!r}", hint=f"--device {USAGE}")
    parts = kind.split(part if colon else None)
    for each in parts:
        problem = kind.problem(each)
        if problem is not None:
            raise DeviceUnavailable(
                f"{kind.device_name(each)} can't serve: {problem.reason}", hint=problem.hint
            )
    device = Device(kind.device_name(",".join(parts)), kind, "asked for")
    check_precision(device, precision)
    return device


def check_precision(device: Device, precision: str) -> None:
    """See that a device computes in a precision.

    Raises:
        DeviceUnavailable: it does not.
    """
    problem = device.kind.precision_problem(device.part, precision) if precision in PRECISIONS else None
    if problem is not None:
        raise DeviceUnavailable(f"{device.name} has no {precision}: {problem.reason}", hint=problem.hint)


def usable_devices() -> tuple[Device, ...]:
    """Every device that can serve: the CPU first."""
    return tuple(
        Device(kind.device_name(part), kind, "asked for")
        for kind in KINDS
        for part in kind.parts()
        if kind.problem(part) is None
    )


def _best_device(precision: str) -> Device:
    """What ``auto`` means: the first GPU where everything is in place, else the CPU; and why.

    Kinds that compute with less than full precision, or that were never tried, have to be asked for by name;
    16-bit floats of eight bits, which no other has, are asked for by their precision.
    """
    if precision == BRAIN:
        return _in_brain_floats()
    problem = CUDA.problem(CUDA.default)
    if problem is None:
        return Device(CUDA.device_name("0"), CUDA, f"found {CUDA.describe('0')}")
    has_gpu = isinstance(nvidia.driver(), nvidia.Driver)
    return Device(CPU.name, CPU, "; ".join((problem.reason, *_installed())), surprising=has_gpu)


def _in_brain_floats() -> Device:
    """The one kind that has them."""
    problem = OPENVINO.problem(OPENVINO.default) or OPENVINO.precision_problem(OPENVINO.default, BRAIN)
    if problem is not None:
        raise DeviceUnavailable(f"no device here computes in {BRAIN}: {problem.reason}", hint=problem.hint)
    name = OPENVINO.device_name(OPENVINO.default)
    return Device(name, OPENVINO, f"{OPENVINO.describe(OPENVINO.default)} computes in {BRAIN}")


def _installed() -> Iterator[str]:
    """Kinds whose packages are there, which a person may want to ask for; none is loaded for that."""
    for kind in KINDS:
        if any(find_spec(package) is not None for package in kind.packages):
            yield f"--device {kind.name} is installed as well"
