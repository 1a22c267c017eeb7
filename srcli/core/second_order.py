"""The published ranges of the second-order degradation of real photographs.

Source: Wang, Xie, Dong and Shan, "Real-ESRGAN: training real-world blind super-resolution with pure synthetic
data", ICCV workshops 2021, section 3, and the settings of its published x4 training. What degrades whole
pictures and what degrades batches in training both draw from here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stage:
    """The ranges of one of the two rounds.

    Attributes:
        blur_share: how often there is blur.
        sigma: of the blur, in pixels.
        resize_shares: how often the picture grows, shrinks, stays.
        factor: range of the resize factor.
        gaussian_sigma: of Gaussian noise, in 8-bit levels.
        shot_strength: of photon noise, a factor on what counting photons gives.
    """

    blur_share: float
    sigma: tuple[float, float]
    resize_shares: tuple[float, float, float]
    factor: tuple[float, float]
    gaussian_sigma: tuple[float, float]
    shot_strength: tuple[float, float]


@dataclass(frozen=True, slots=True)
class KernelKind:
    """One kind of blur kernel, how often it is drawn, and the range of its power."""

    profile: str
    is_ellipse: bool
    share: float
    power: tuple[float, float]


FIRST = Stage(1.0, (0.2, 3.0), (0.2, 0.7, 0.1), (0.15, 1.5), (1.0, 30.0), (0.05, 3.0))
SECOND = Stage(0.8, (0.2, 1.5), (0.3, 0.4, 0.3), (0.3, 1.2), (1.0, 25.0), (0.05, 2.5))

KERNEL_SIDES = tuple(range(7, 22, 2))
KERNEL_KINDS = (
    KernelKind("gaussian", False, 0.45, (1.0, 1.0)),
    KernelKind("gaussian", True, 0.25, (1.0, 1.0)),
    KernelKind("generalised", False, 0.12, (0.5, 4.0)),
    KernelKind("generalised", True, 0.03, (0.5, 4.0)),
    KernelKind("plateau", False, 0.12, (1.0, 2.0)),
    KernelKind("plateau", True, 0.03, (1.0, 2.0)),
)
"""Powers are drawn below and above one equally often, evenly within each half."""

LOW_PASS_SHARE = 0.1
"""How often a blur kernel is an ideal low-pass instead."""

FINAL_LOW_PASS_SHARE = 0.8
FINAL_CUTOFF = (math.pi / 3, math.pi)
"""Cutoff of the low-pass at the end, in radians per pixel."""

GAUSSIAN_NOISE_SHARE = 0.5
GREY_NOISE_SHARE = 0.4
PHOTONS = 256.0
"""Counted for white at strength 1: the published code takes the number of levels that the picture has."""

JPEG_QUALITY = (30.0, 95.0)


def cutoff_range(side: int) -> tuple[float, float]:
    """Cutoff of a low-pass kernel of ``side`` pixels, in radians per pixel: small kernels need high ones."""
    return math.pi / (3 if side < 13 else 5), math.pi
