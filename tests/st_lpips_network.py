"""A network for ST-LPIPS of the right shape, with random weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

SHAPES = {
    "net.slice1.0": (6, 3, 11, 11),
    "net.slice2.5": (8, 6, 5, 5),
    "net.slice3.9": (8, 8, 3, 3),
    "net.slice4.11": (7, 8, 3, 3),
    "net.slice5.13": (7, 7, 3, 3),
}


def save_network(path: Path, seed: int = 3) -> Path:
    """Write one."""
    rng = np.random.default_rng(seed)
    arrays = {
        "scaling_layer.shift": np.zeros((1, 3, 1, 1)),
        "scaling_layer.scale": np.full((1, 3, 1, 1), 0.45),
    }
    for layer, (name, shape) in enumerate(SHAPES.items()):
        arrays[f"{name}.weight"] = rng.normal(0, 0.1, shape)
        arrays[f"{name}.bias"] = rng.normal(0, 0.1, shape[0])
        arrays[f"lin{layer}.model.1.weight"] = rng.random((1, shape[0], 1, 1))
    np.savez(path, **arrays)
    return path
