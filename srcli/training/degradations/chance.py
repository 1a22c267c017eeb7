"""Random numbers for degradations: all chance comes from one CPU generator, so that a run repeats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor


def uniform(low: float, high: float, count: int, random: torch.Generator) -> Tensor:
    """``count`` numbers between ``low`` and ``high``, float32, (count,)."""
    return low + (high - low) * torch.rand(count, generator=random)


def one_uniform(low: float, high: float, random: torch.Generator) -> float:
    """A number between ``low`` and ``high``."""
    return float(uniform(low, high, 1, random))


def happens(chance: float, random: torch.Generator) -> bool:
    """True with probability ``chance``."""
    return one_uniform(0, 1, random) < chance


def choose(shares: Sequence[float], random: torch.Generator) -> int:
    """An index, drawn in proportion to the shares."""
    return int(choose_many(shares, 1, random))


def choose_many(shares: Sequence[float], count: int, random: torch.Generator) -> Tensor:
    """``count`` indices, each drawn in proportion to the shares, int64, (count,)."""
    return torch.multinomial(torch.tensor(shares), count, replacement=True, generator=random)


def per_picture(values: Tensor, pictures: Tensor) -> Tensor:
    """One value (N,) for each of some pictures (N, C, H, W), as a tensor like theirs, (N, 1, 1, 1)."""
    return values.to(pictures).view(-1, 1, 1, 1)


def generator_on(device: torch.device, random: torch.Generator) -> torch.Generator:
    """A source of chance for whole pictures where they live; seeded by ``random``, or that itself on the CPU.

    A run repeats on a device, and from one kind of device to another in all but its noise.
    """
    if device.type == "cpu":
        return random
    seed = int(torch.randint(2**62, (), generator=random))
    return torch.Generator(device).manual_seed(seed)
