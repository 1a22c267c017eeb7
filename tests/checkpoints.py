"""Tiny PyTorch checkpoints for the tests, of an architecture that spandrel knows."""

from __future__ import annotations

import warnings
from itertools import pairwise
from typing import Any

import pytest

from srcli.importers.stand_in import torchvision_or_stand_in


def require_spandrel() -> None:
    """Skip the tests of a module where PyTorch or spandrel is not installed."""
    pytest.importorskip(
        "torch", reason="PyTorch is not installed: pip install '.[import]' in a copy of srcli's repository"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with torchvision_or_stand_in():
            pytest.importorskip(
                "spandrel",
                reason="spandrel is not installed: pip install '.[import]' in a copy of srcli's repository",
            )


def compact(
    scale: int = 2, width: int = 8, depth: int = 2, channels: int = 3, seed: int = 0
) -> dict[str, Any]:
    """The weights of a Real-ESRGAN Compact network that repeats pixels and adds a small residual.

    Its reach is ``depth`` + 2 input pixels on each side.
    """
    import torch

    random = torch.Generator().manual_seed(seed)

    def normal(*shape: int, size: float) -> Any:
        return torch.randn(shape, generator=random) * size

    weights: dict[str, Any] = {}
    sides = [channels, *[width] * (depth + 1), channels * scale**2]
    for index, (given, made) in enumerate(pairwise(sides)):
        last = index == depth + 1
        weights[f"body.{2 * index}.weight"] = normal(made, given, 3, 3, size=0.01 if last else 0.2)
        weights[f"body.{2 * index}.bias"] = normal(made, size=0.01)
        if not last:
            weights[f"body.{2 * index + 1}.weight"] = torch.full((made,), 0.2)
    return weights
