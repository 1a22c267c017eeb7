"""Random numbers for degradations, from one CPU generator, so that a run repeats on any device."""

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
    return int(torch.multinomial(torch.tensor(shares), 1, generator=random))
