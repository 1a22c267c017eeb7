"""Tiny photographs, and settings for runs that last seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

pytest.importorskip(
    "torch", reason="PyTorch is not installed: pip install '.[train]' in a copy of srcli's repository"
)

import torch
from PIL import Image

from srcli.training.losses.perception import BLOCKS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from srcli.training.config import TrainingConfig


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """A folder with three pictures of odd, unequal sides and some structure."""
    folder = tmp_path / "photographs"
    (folder / "below").mkdir(parents=True)
    random = np.random.default_rng(3)
    for name, (height, width) in {"a.png": (71, 93), "b.png": (88, 65), "below/c.png": (67, 67)}.items():
        rows, columns = np.mgrid[:height, :width]
        waves = (
            127 + 80 * np.sin(rows / 5 + columns / 9)[..., None] + random.normal(0, 12, (height, width, 3))
        )
        Image.fromarray(waves.clip(0, 255).astype(np.uint8)).save(folder / name)
    return folder


@pytest.fixture
def tiny(photographs: Path, tmp_path: Path) -> Callable[..., TrainingConfig]:
    """Makes the configuration of a tiny run; keywords override."""
    from srcli.training.config import TrainingConfig

    def make(**changes: Any) -> TrainingConfig:
        values: dict[str, Any] = {
            "photographs": photographs,
            "run": tmp_path / "run",
            "architecture": "plain",
            "scale": 2,
            "steps": 4,
            "crop": 32,
            "batch": 2,
            "epoch_steps": 2,
            "validation_pictures": 1,
            "warmup_steps": 1,
        }
        return TrainingConfig(**{**values, **changes})

    return make


@pytest.fixture
def tiny_perception(tmp_path: Path) -> Path:
    """Weights in the form of VGG-16's, four channels wide."""
    random = np.random.default_rng(0)
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    inputs = 3
    for block, count in enumerate(BLOCKS, 1):
        for number in range(1, count + 1):
            weight = random.normal(0, 0.2, (4, inputs, 3, 3))
            arrays[f"conv{block}_{number}.weight"] = weight.astype(np.float16)
            arrays[f"conv{block}_{number}.bias"] = np.zeros(4, np.float16)
            inputs = 4
    np.savez(tmp_path / "tiny.npz", **arrays)
    return tmp_path / "tiny.npz"
