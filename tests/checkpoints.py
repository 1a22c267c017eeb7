"""Tiny PyTorch checkpoints for the tests, of an architecture that spandrel knows."""

from __future__ import annotations

import sys
import types
import warnings
from itertools import pairwise
from typing import Any

import pytest


def require_spandrel() -> None:
    """Skip the tests of a module where PyTorch or spandrel is not installed."""
    pytest.importorskip(
        "torch", reason="PyTorch is not installed: pip install '.[import]' in a copy of srcli's repository"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _fit_torchvision()
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


def _fit_torchvision() -> None:
    """Stand in for torchvision where it does not fit PyTorch, as builds from different places do not.

    spandrel takes three names of it, for networks that repair faces and fill holes.
    """
    try:
        import torchvision.transforms.functional  # noqa: F401
    except (ImportError, RuntimeError):
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        functional = types.ModuleType("torchvision.transforms.functional")
        functional.InterpolationMode = functional.rotate = functional.normalize = object
        sys.modules["torchvision"] = types.ModuleType("torchvision")
        sys.modules["torchvision.transforms"] = types.ModuleType("torchvision.transforms")
        sys.modules["torchvision.transforms.functional"] = functional
