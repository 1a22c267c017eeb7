"""Chroma as classes: the lattice on which the network tells how likely each colour is.

Chroma is BT.601 in full range, as in JPEG: Cb and Cr within -0.5..0.5, luma and colour within 0..1.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from srcli.imaging.colour.chroma import BLUE, GREEN, RED

SIDE = 17
"""Classes along Cb and along Cr."""
STEP = 0.05
REACH = STEP * (SIDE // 2)
"""Photographs have next to no chroma beyond 0.4."""
CLASSES = SIDE * SIDE
UNIFORM_SHARE = 0.9
"""Share of the uniform distribution in that of the classes (Zhang et al. 2016, lambda): at 1 all count alike.
With their 0.5 and a few hundred photographs, what is rare is guessed everywhere."""


def to_ycc(rgb: Tensor) -> Tensor:
    """RGB (N, 3, H, W), 0..1, to luma, Cb and Cr."""
    red, green, blue = rgb.unbind(1)
    luma = RED * red + GREEN * green + BLUE * blue
    return torch.stack([luma, (blue - luma) / (2 - 2 * BLUE), (red - luma) / (2 - 2 * RED)], 1)


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


def class_weights(shares: Tensor) -> Tensor:
    """What a pixel of each class counts, so that rare colours are learnt as well.

    Source: Zhang, Isola, Efros, "Colorful image colorization", ECCV 2016, section 2.2.

    Args:
        shares: (CLASSES,) of the training pixels, adding up to one.

    Returns:
        (CLASSES,) weights whose mean over the training pixels is one.
    """
    smooth = _smooth(shares)
    weights = 1 / ((1 - UNIFORM_SHARE) * smooth + UNIFORM_SHARE / CLASSES)
    return weights / (weights * smooth).sum()


def decode(logits: Tensor, temperature: float) -> Tensor:
    """The annealed mean of classes, (N, CLASSES, H, W) to (N, 2, H, W): at 1 the mean, near 0 the mode."""
    shares = functional.softmax(logits / temperature, 1)
    return functional.conv2d(shares, class_chroma().t()[:, :, None, None].to(logits))


def _hats(plane: Tensor) -> Tensor:
    """How near values (N, H, W) are to steps of an axis, (N, SIDE, H, W): 1 at one, 0 at its neighbours."""
    steps = torch.arange(SIDE, device=plane.device).view(1, SIDE, 1, 1) - SIDE // 2
    clipped = (plane / STEP).clamp(-(SIDE // 2), SIDE // 2).unsqueeze(1)
    return (1 - (clipped - steps).abs()).clamp(min=0)


def _smooth(shares: Tensor) -> Tensor:
    """The shares blurred a little, since few pixels tell about rare classes."""
    offsets = torch.arange(-2, 3)
    kernel = torch.exp(-0.5 * offsets.to(shares) ** 2)
    kernel = torch.outer(kernel, kernel) / kernel.sum() ** 2
    blurred = functional.conv2d(shares.view(1, 1, SIDE, SIDE), kernel[None, None], padding=2).flatten()
    return blurred / blurred.sum()
