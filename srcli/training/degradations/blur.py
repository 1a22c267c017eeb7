"""Blur kernels, and blurring each picture of a batch with a kernel of its own."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from srcli.core.second_order import FINAL_CUTOFF, KERNEL_KINDS, KERNEL_SIDES, LOW_PASS_SHARE, cutoff_range
from srcli.training.degradations.chance import choose, happens, one_uniform


def blur(pictures: Tensor, kernels: Tensor) -> Tensor:
    """Convolve pictures (N, C, H, W) with kernels (N, k, k), k odd; borders are mirrored; the same shape."""
    count, channels, height, width = pictures.shape
    rim = kernels.shape[-1] // 2
    padded = functional.pad(pictures, (rim,) * 4, mode="reflect")
    planes = padded.reshape(1, count * channels, height + 2 * rim, width + 2 * rim)
    weights = kernels.to(pictures).repeat_interleave(channels, dim=0)[:, None]
    return functional.conv2d(planes, weights, groups=count * channels).reshape(pictures.shape)


def gaussian_kernel(side: int, sigma: float) -> Tensor:
    """The round Gaussian, (side, side), sum 1."""
    return elliptic_kernel(side, (sigma, sigma), 0.0, "gaussian", 1.0)


def elliptic_kernel(side: int, sigmas: tuple[float, float], angle: float, shape: str, power: float) -> Tensor:
    """A kernel with elliptic level lines, (side, side), sum 1.

    Args:
        side: of the kernel, odd.
        sigmas: half axes in pixels.
        angle: of the first axis in radians.
        shape: ``gaussian``; ``generalised``, exp(-d^p / 2); or ``plateau``, 1 / (1 + d^p), for the squared
            distance d (Liu et al., "Estimating generalized Gaussian blur kernels", 2020, as Real-ESRGAN uses
            it).
        power: p.
    """
    line = torch.arange(side, dtype=torch.float64) - side // 2
    rows, columns = torch.meshgrid(line, line, indexing="ij")
    along = (math.cos(angle) * columns + math.sin(angle) * rows) / sigmas[0]
    across = (math.cos(angle) * rows - math.sin(angle) * columns) / sigmas[1]
    distance = along**2 + across**2
    profile = 1 / (1 + distance**power) if shape == "plateau" else torch.exp(-(distance**power) / 2)
    return (profile / profile.sum()).float()


def low_pass_kernel(side: int, cutoff: float) -> Tensor:
    """The ideal circular low-pass whose rings mimic sharpening, (side, side), sum 1.

    ``cutoff J1(cutoff r) / (2 pi r)`` (Wang et al., Real-ESRGAN, 2021, equation 6); ``cutoff`` is in radians
    a pixel, up to pi.
    """
    line = torch.arange(side, dtype=torch.float64) - side // 2
    radius = torch.hypot(*torch.meshgrid(line, line, indexing="ij")).clamp_min(1e-9)
    # At the centre J1(x) / x is a half.
    response = cutoff * torch.special.bessel_j1(cutoff * radius) / (2 * math.pi * radius)
    kernel: Tensor = (response / response.sum()).float()
    return kernel


LARGEST = KERNEL_SIDES[-1]


def random_kernels(count: int, sigma: tuple[float, float], random: torch.Generator) -> Tensor:
    """Kernels (count, 21, 21) of the kinds above, with half axes within ``sigma`` pixels."""
    return torch.stack([_random_kernel(sigma, random) for _ in range(count)])


def random_final_low_pass(random: torch.Generator) -> Tensor:
    """The low-pass (21, 21), of random side and cutoff, that comes last of all."""
    return _padded(low_pass_kernel(_random_side(random), one_uniform(*FINAL_CUTOFF, random)))


def _random_kernel(sigma: tuple[float, float], random: torch.Generator) -> Tensor:
    side = _random_side(random)
    if happens(LOW_PASS_SHARE, random):
        return _padded(low_pass_kernel(side, one_uniform(*cutoff_range(side), random)))
    kind = KERNEL_KINDS[choose([kind.share for kind in KERNEL_KINDS], random)]
    first = one_uniform(*sigma, random)
    second, angle = first, 0.0
    if kind.is_ellipse:
        second, angle = one_uniform(*sigma, random), one_uniform(-math.pi, math.pi, random)
    power = _random_power(kind.power, random)
    return _padded(elliptic_kernel(side, (first, second), angle, kind.profile, power))


def _random_side(random: torch.Generator) -> int:
    return KERNEL_SIDES[choose([1.0] * len(KERNEL_SIDES), random)]


def _random_power(limits: tuple[float, float], random: torch.Generator) -> float:
    """Below and above one equally often, where the range allows."""
    low, high = limits
    return one_uniform(low, 1.0, random) if happens(0.5, random) else one_uniform(1.0, high, random)


def _padded(kernel: Tensor) -> Tensor:
    padded: Tensor = functional.pad(kernel, ((LARGEST - kernel.shape[0]) // 2,) * 4)
    return padded
