"""Degradations by name: how low-resolution pictures come from high-resolution ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import torch

from srcli.core.errors import UsageError
from srcli.training.degradations.bicubic import BicubicReduction
from srcli.training.degradations.compressed import CompressedDegradation
from srcli.training.degradations.everyday import EverydayDegradation
from srcli.training.degradations.gaussian import GaussianDecimation
from srcli.training.degradations.levels import levels_to_unit
from srcli.training.degradations.real import RealDegradation

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor


class Degradation(Protocol):
    """Makes low-resolution pictures; a deterministic one needs no chance and is applied to whole pictures."""

    deterministic: bool

    def __call__(self, high: Tensor, random: torch.Generator) -> Tensor:
        """High (N, 3, H, W), RGB 0..1, to low (N, 3, H//scale, W//scale), RGB 0..1."""


DEGRADATIONS: dict[str, Callable[[int], Degradation]] = {
    "bicubic": BicubicReduction,
    "compressed": CompressedDegradation,
    "everyday": EverydayDegradation,
    "gaussian": GaussianDecimation,
    "real": RealDegradation,
}


def build_degradation(name: str, scale: int) -> Degradation:
    """The degradation of that name for a factor.

    Raises:
        UsageError: no degradation has that name.
    """
    try:
        build = DEGRADATIONS[name]
    except KeyError:
        known = ", ".join(sorted(DEGRADATIONS))
        raise UsageError(f"unknown degradation '{name}'", hint=f"one of: {known}") from None
    return build(scale)


def degrade_levels(high: Tensor, degradation: Degradation, random: torch.Generator | None = None) -> Tensor:
    """One picture through a degradation: (3, H, W), uint8, to (3, h, w), uint8.

    ``random`` may be left out where the degradation is deterministic.
    """
    low = degradation(levels_to_unit(high[None]), random or torch.Generator())[0]
    return (low * 255).round().to(torch.uint8)
