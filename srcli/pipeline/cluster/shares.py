"""What a worker gets of a machine: processors, or a GPU or a part of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcli.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Resources = Mapping[str, float]

THREADS = 8
"""Of a worker on a machine that has more processors: as many small pictures go side by side at best."""
_ON_PROCESSORS = ("cpu", "openvino", "openvino:cpu")
_ON_GPUS = ("cuda", "tensorrt")


@dataclass(frozen=True, slots=True)
class Share:
    """What a machine is worth.

    Attributes:
        workers: how many it has; 0 where it is of no use.
        threads: processors for each.
        gpus: GPUs for each, or the part of one.
    """

    workers: int
    threads: int = 1
    gpus: float = 0.0


@dataclass(frozen=True, slots=True)
class Shares:
    """How machines are shared out.

    Attributes:
        threads: processors for a worker; by default up to ``THREADS``.
        per_gpu: workers that share a GPU.
        on_gpu: whether GPUs do the work.

    Raises:
        UsageError: a number makes no sense.
    """

    threads: int | None = None
    per_gpu: int = 1
    on_gpu: bool = False

    def __post_init__(self) -> None:
        if self.per_gpu < 1:
            raise UsageError(f"{self.per_gpu} workers on a GPU make no sense")

    @property
    def threads_at_most(self) -> int:
        """Processors that a worker may have."""
        return self.threads or THREADS

    def of(self, resources: Resources) -> Share:
        """The workers of a machine, by what it offers to the cluster."""
        processors = int(resources.get("CPU", 0))
        if self.on_gpu:
            workers = int(resources.get("GPU", 0)) * self.per_gpu
            threads = max(1, min(self.threads_at_most, processors // max(1, workers)))
            return Share(workers if processors >= workers else processors, threads, 1 / self.per_gpu)
        threads = min(self.threads_at_most, processors)
        return Share(processors // threads if threads else 0, threads)

    def device(self, requested: str) -> str:
        """The device that each worker takes."""
        if requested == "auto":
            return "cuda" if self.on_gpu else "cpu"
        return requested


def check_device(requested: str) -> None:
    """See that the cluster can hand out what is asked for.

    Raises:
        UsageError: it can't.
    """
    if requested not in ("auto", *_ON_PROCESSORS, *_ON_GPUS):
        raise UsageError(
            f"--device {requested} is nothing that a cluster hands out",
            hint=f"with --cluster: {', '.join(('auto', 'cpu', 'openvino', *_ON_GPUS))}",
        )


def needs_gpu(requested: str, machines: Iterable[Resources]) -> bool:
    """Whether GPUs are to do the work: those that are asked for, or else any that the cluster has."""
    if requested == "auto":
        return any(machine.get("GPU", 0) >= 1 for machine in machines)
    return requested in _ON_GPUS
