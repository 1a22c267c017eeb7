"""What every kind of device has to tell about itself and to do; each kind stands in a file of its own."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from srcli.core.errors import UsageError
from srcli.core.precision import BRAIN, FULL, HALF
from srcli.engine.machine import available_memory_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from srcli.engine.runtimes.runtime import NativeSession


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a device can't serve, and what would help."""

    reason: str
    hint: str


@dataclass(frozen=True, slots=True)
class Tuning:
    """Choices for a GPU that only a measurement there can settle (``tests/benchmarks/cuda.py``).

    Attributes:
        nhwc: whether convolutions run with channels last.
        graphs: whether the kernels of a run are launched together, as a CUDA graph per input shape.
    """

    nhwc: bool = False
    graphs: bool = False


UNTUNED = Tuning()


@dataclass(frozen=True, slots=True)
class Device:
    """A device that can run generators, or several of a kind that share the work.

    Attributes:
        name: ``cpu``, ``cuda:N``, ``cuda:N,M``, ``openvino:gpu`` and so on.
        kind: what it is.
        reason: why it was taken, for a person to read.
        surprising: whether a person would have expected another one: there is a GPU, and it can't serve.
    """

    name: str
    kind: Kind
    reason: str
    surprising: bool = False

    @property
    def provider(self) -> str:
        """What runs generators there: onnxruntime's name of its provider, or another runtime's own."""
        return self.kind.provider

    @property
    def part(self) -> str:
        """What tells it from others of its kind: ``0``, ``0,1``, ``gpu``; empty where there is only one."""
        return self.name.partition(":")[2]

    @property
    def index(self) -> int:
        """Its number, the first of several; 0 where it has none."""
        first = self.part.partition(",")[0]
        return int(first) if first.isdecimal() else 0

    @property
    def on_gpu(self) -> bool:
        """Whether the work is done by something else than the machine's own cores."""
        return self.kind.is_accelerator(self.part)

    @property
    def parts(self) -> tuple[Device, ...]:
        """Each of several alone; the device itself where it is only one."""
        if "," not in self.part:
            return (self,)
        return tuple(
            Device(f"{self.kind.name}:{part}", self.kind, self.reason) for part in self.part.split(",")
        )


@dataclass(frozen=True, slots=True)
class Opening:
    """What a session is opened for.

    Attributes:
        source: an ONNX file, by its path or by its content.
        name: how errors call it.
        device: where it is to run; one, not several.
        threads: processor cores to use; None for all usable physical cores.
        precision: what to compute in.
        optimised: whether operators may be fused and layouts changed, which halves the time.
        tuning: choices for a GPU.
        kept: whether what a device compiles may be kept for the next run.
    """

    source: str | bytes
    name: Path
    device: Device
    threads: int | None = None
    precision: str = FULL
    optimised: bool = True
    tuning: Tuning = UNTUNED
    kept: bool = True


class Kind(ABC):
    """A kind of device.

    Attributes:
        name: what ``--device`` calls it.
        title: what it is, for a person.
        usage: how ``--device`` takes it, with what may follow the name.
        pattern: a regular expression of what may follow the colon; empty where nothing may.
        default: what is meant where nothing follows.
        provider: what runs generators there.
        install: the command that installs what it needs; empty where nothing is needed.
        packages: modules that are installed for it alone.
        tested: where it was tried, for a person; empty where nowhere yet.
        precisions: what it may compute in; ``precision_problem`` tells about the device at hand.
        shares_threads: whether runs side by side each take a share of the threads.
        own_memory: whether windows lie in memory of its own.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    usage: ClassVar[str]
    pattern: ClassVar[str] = ""
    default: ClassVar[str] = ""
    provider: ClassVar[str]
    install: ClassVar[str] = ""
    packages: ClassVar[tuple[str, ...]] = ()
    tested: ClassVar[str] = ""
    precisions: ClassVar[tuple[str, ...]] = (FULL, HALF)
    shares_threads: ClassVar[bool] = False
    own_memory: ClassVar[bool] = False

    def is_accelerator(self, part: str) -> bool:
        """Whether it is something else than the machine's own cores; see :attr:`Device.on_gpu`."""
        return True

    def free_memory_bytes(self, part: str) -> int:
        """Memory that windows can take on it."""
        return available_memory_bytes()

    def precision_problem(self, part: str, precision: str) -> Problem | None:
        """Why a device that is there does not compute in a precision; None where it does."""
        if precision in self.precisions:
            return None
        known = ", ".join(self.precisions)
        other = ", or --device openvino" if precision == BRAIN else ""
        return Problem(f"it computes in {known}", f"--precision {FULL}{other}")

    def split(self, part: str | None) -> list[str]:
        """The parts that a request names, such as ``0`` and ``1`` of ``0,1``; the default one for None.

        Raises:
            UsageError: this is nothing that may follow the kind's name.
        """
        if part is None:
            return [self.default]
        if not self.pattern or re.fullmatch(self.pattern, part, re.ASCII) is None:
            raise UsageError(f"unknown device {self.name + ':' + part!r}", hint=f"--device {self.usage}")
        parts = part.split(",")
        if len(set(parts)) < len(parts):
            raise UsageError(f"{self.name}:{part} names a GPU twice")
        return parts

    def device_name(self, part: str) -> str:
        """What ``--device`` calls one of this kind, or several."""
        return f"{self.name}:{part}" if part else self.name

    def parts(self) -> tuple[str, ...]:
        """Those of this kind that are there, or at least look so; the default one where there is none."""
        return (self.default,)

    @abstractmethod
    def problem(self, part: str) -> Problem | None:
        """Why one of them can't serve; None when everything is in place."""

    def describe(self, part: str) -> str:
        """What one that can serve calls itself."""
        return self.title

    @abstractmethod
    def version(self) -> str:
        """What runs there and in which version, such as ``onnxruntime 1.31.1``; only where it can serve."""

    @abstractmethod
    def open(self, opening: Opening) -> NativeSession:
        """Open a session that runs on the device and nowhere else.

        Raises:
            UnsuitableModel: not an ONNX file.
            DamagedModel: the graph in the file is broken.
            DeviceUnavailable: the device does not run it.
            OutOfMemory: there is not enough memory to load it.
        """
