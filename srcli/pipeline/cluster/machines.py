"""What a run asks of a cluster; Ray is one, and tests have another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from srcli.core.outcome import Failure
    from srcli.pipeline.cluster.orders import Answer, Order


@dataclass(frozen=True, slots=True)
class Joined:
    """A worker is ready."""

    worker: int
    machine: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A machine can't work for this run."""

    machine: str
    failure: Failure


@dataclass(frozen=True, slots=True)
class Answered:
    """A worker is done with some orders."""

    worker: int
    answers: Sequence[Answer]


@dataclass(frozen=True, slots=True)
class Lost:
    """A worker is gone, and what it had is not done, as far as is known.

    Attributes:
        worker: which.
        how: what happened, in words that follow the picture's name.
        by_itself: whether its process died on a machine that lives, so that its work may be the reason.
    """

    worker: int
    how: str
    by_itself: bool


Happening: TypeAlias = Joined | Refused | Answered | Lost


class Cluster(Protocol):
    """Machines with workers on them, which come and go."""

    @property
    def size(self) -> int:
        """Workers that its machines are worth."""

    @property
    def starting(self) -> int:
        """Workers that are being started."""

    def send(self, worker: int, orders: Sequence[Order]) -> None:
        """Give a worker orders, which it does after those that it has."""

    def happenings(self, limit_s: float) -> Iterable[Happening]:
        """What happened since the last call; waits for something to happen, at most so many seconds."""

    def close(self) -> None:
        """End all workers, and what they do."""
