"""Blur kernels, as many at a time as a batch has pictures."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from srcli.core.second_order import FINAL_CUTOFF, KERNEL_KINDS, KERNEL_SIDES, LOW_PASS_SHARE, cutoff_range
from srcli.training.degradations.chance import choose_many, uniform

LARGEST = KERNEL_SIDES[-1]
"""Side of every kernel's frame; smaller kernels have a rim of zeros."""


def gaussian_kernel(side: int, sigma: float) -> Tensor:
    """The round Gaussian, (side, side), sum 1."""
    rows, columns = _grid(side)
    profile = torch.exp(-(rows**2 + columns**2) / (2 * sigma**2))
    return (profile / profile.sum()).float()


def round_kernels(sigmas: Tensor) -> Tensor:
    """Round Gaussians of standard deviations (N,) in pixels, in frames of (N, 21, 21), sum 1."""
    count = len(sigmas)
    whole = torch.full((count,), LARGEST)
    flat, ones = torch.zeros(count), torch.ones(count)
    return elliptic_kernels(whole, sigmas[:, None].expand(-1, 2), flat, flat > 0, ones)


def elliptic_kernels(
    sides: Tensor, sigmas: Tensor, angles: Tensor, plateau: Tensor, powers: Tensor
) -> Tensor:
    """Kernels with elliptic level lines, (N, 21, 21), sum 1.

    Args:
        sides: of the kernels within their frame, odd, (N,).
        sigmas: half axes in pixels, (N, 2).
        angles: of the first axis in radians, (N,).
        plateau: whether the profile is 1 / (1 + d^p) and not exp(-d^p / 2) for the squared distance d, bool,
            (N,); exp with p = 1 is the Gaussian, the others are those of Liu et al., "Estimating generalized
            Gaussian blur kernels", 2020, as Real-ESRGAN uses them.
        powers: p, (N,).
    """
    rows, columns = _grid(LARGEST)
    cosine, sine = torch.cos(_framed(angles)), torch.sin(_framed(angles))
    along = (cosine * columns + sine * rows) / _framed(sigmas[:, 0])
    across = (cosine * rows - sine * columns) / _framed(sigmas[:, 1])
    distance = (along**2 + across**2) ** _framed(powers)
    return _normalised(
        torch.where(plateau[:, None, None], 1 / (1 + distance), torch.exp(-distance / 2)), sides
    )


def low_pass_kernels(sides: Tensor, cutoffs: Tensor) -> Tensor:
    """Ideal circular low-passes whose rings mimic sharpening, (N, 21, 21), sum 1.

    ``cutoff J1(cutoff r) / (2 pi r)`` (Wang et al., Real-ESRGAN, 2021, equation 6).

    Args:
        sides: of the kernels within their frame, odd, (N,).
        cutoffs: in radians a pixel, up to pi, (N,).
    """
    # At the centre J1(x) / x is a half.
    radius = torch.hypot(*_grid(LARGEST)).clamp_min(1e-9)
    cutoff = _framed(cutoffs)
    return _normalised(cutoff * torch.special.bessel_j1(cutoff * radius) / (2 * math.pi * radius), sides)


def random_kernels(count: int, sigma: tuple[float, float], random: torch.Generator) -> Tensor:
    """Kernels (count, 21, 21) of the kinds above, with half axes within ``sigma`` pixels."""
    chosen, sides = _random_sides(count, random)
    limits = torch.tensor([cutoff_range(side) for side in KERNEL_SIDES])[chosen]
    low_pass = low_pass_kernels(sides, _between(limits, random))
    is_low_pass = uniform(0, 1, count, random) < LOW_PASS_SHARE
    return torch.where(is_low_pass[:, None, None], low_pass, _random_ellipses(sides, sigma, random))


def random_final_low_passes(count: int, random: torch.Generator) -> Tensor:
    """Low-passes (count, 21, 21) of random sides and cutoffs, which come last of all."""
    _, sides = _random_sides(count, random)
    return low_pass_kernels(sides, uniform(*FINAL_CUTOFF, count, random))


def _random_ellipses(sides: Tensor, sigma: tuple[float, float], random: torch.Generator) -> Tensor:
    count = len(sides)
    kinds = choose_many([kind.share for kind in KERNEL_KINDS], count, random)
    is_ellipse = torch.tensor([kind.is_ellipse for kind in KERNEL_KINDS])[kinds]
    plateau = torch.tensor([kind.profile == "plateau" for kind in KERNEL_KINDS])[kinds]
    first, second = uniform(*sigma, count, random), uniform(*sigma, count, random)
    sigmas = torch.stack([first, torch.where(is_ellipse, second, first)], dim=1)
    angles = torch.where(is_ellipse, uniform(-math.pi, math.pi, count, random), torch.zeros(count))
    return elliptic_kernels(sides, sigmas, angles, plateau, _random_powers(kinds, random))


def _random_powers(kinds: Tensor, random: torch.Generator) -> Tensor:
    """Below and above one equally often, where the range allows."""
    low, high = torch.tensor([kind.power for kind in KERNEL_KINDS])[kinds].unbind(1)
    one = torch.ones(len(kinds))
    below = uniform(0, 1, len(kinds), random) < 0.5
    limits = torch.stack([torch.where(below, low, one), torch.where(below, one, high)], dim=1)
    return _between(limits, random)


def _random_sides(count: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Indices of the sides of kernels, and the sides, (count,) each."""
    chosen = choose_many([1.0] * len(KERNEL_SIDES), count, random)
    return chosen, torch.tensor(KERNEL_SIDES)[chosen]


def _between(limits: Tensor, random: torch.Generator) -> Tensor:
    """A number between each pair of limits (N, 2)."""
    low, high = limits.unbind(1)
    return low + (high - low) * uniform(0, 1, len(limits), random)


def _grid(side: int) -> tuple[Tensor, Tensor]:
    """Distances from the centre along rows and columns, float64, (side, side) each."""
    line = torch.arange(side, dtype=torch.float64) - side // 2
    rows, columns = torch.meshgrid(line, line, indexing="ij")
    return rows, columns


def _framed(values: Tensor) -> Tensor:
    """One value per kernel, float64, (N, 1, 1)."""
    return values.double()[:, None, None]


def _normalised(profiles: Tensor, sides: Tensor) -> Tensor:
    """Profiles (N, 21, 21) cut to their sides, sum 1, float32."""
    rows, columns = _grid(LARGEST)
    inside = torch.maximum(rows.abs(), columns.abs()) <= _framed(sides // 2)
    cut = torch.where(inside, profiles, torch.zeros_like(profiles))
    return (cut / cut.sum(dim=(1, 2), keepdim=True)).float()
