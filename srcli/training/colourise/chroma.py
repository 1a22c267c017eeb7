"""Chroma as classes: the lattice on which the network tells how likely each colour is.

Chroma is BT.601 in full range, as in JPEG: Cb and Cr within -0.5..0.5, luma and colour within 0..1.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

SIDE = 17
"""Classes along Cb and along Cr."""
STEP = 0.05
REACH = STEP * (SIDE // 2)
"""Photographs have next to no chroma beyond 0.4."""
CLASSES = SIDE * SIDE


def to_classes(chroma: Tensor) -> Tensor:
    """Chroma (N, 2, H, W) to the distribution (N, CLASSES, H, W) on its four nearest classes.

    Its mean is the chroma itself, clipped to the lattice.
    """
    blue, red = (_hats(plane) for plane in chroma.unbind(1))
    return (blue.unsqueeze(2) * red.unsqueeze(1)).flatten(1, 2)


def class_chroma() -> Tensor:
    """The chroma of each class, (CLASSES, 2)."""
    axis = (torch.arange(SIDE) - SIDE // 2) * STEP
    return torch.cartesian_prod(axis, axis)


def decode(logits: Tensor, temperature: float) -> Tensor:
    """The annealed mean of classes, (N, CLASSES, H, W) to (N, 2, H, W): at 1 the mean, near 0 the mode."""
    shares = functional.softmax(logits / temperature, 1)
    return functional.conv2d(shares, class_chroma().t()[:, :, None, None].to(logits))


def _hats(plane: Tensor) -> Tensor:
    """How near values (N, H, W) are to steps of an axis, (N, SIDE, H, W): 1 at one, 0 at its neighbours."""
    steps = torch.arange(SIDE, device=plane.device).view(1, SIDE, 1, 1) - SIDE // 2
    clipped = (plane / STEP).clamp(-(SIDE // 2), SIDE // 2).unsqueeze(1)
    return (1 - (clipped - steps).abs()).clamp(min=0)
