"""What a worker process may use, and the generators that it has loaded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from srcli.upscaling.generator import RunOptions
from srcli.upscaling.pool import GeneratorPool

_MOST_POOLS = 3
"""Generators of so many names stay loaded."""


@dataclass(slots=True)
class Machine:
    """What this process may use.

    Attributes:
        device: where generators run.
        threads: of the CPU; None for all cores.
    """

    device: str = "auto"
    threads: int | None = None


machine = Machine()


@lru_cache(maxsize=_MOST_POOLS)
def pool_named(model: str) -> GeneratorPool:
    """The generators of a name."""
    return GeneratorPool(model, machine.device, RunOptions(threads=machine.threads))
