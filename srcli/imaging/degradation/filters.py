"""Blur kernels, and blurring with any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable

    from srcli.core.arrays import Planes

BlurKernel: TypeAlias = npt.NDArray[np.float64]
"""(side, side), side odd, summing to one."""

Profile: TypeAlias = "Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]"
"""A kernel's value as a function of the squared distance from its middle."""


def gaussian(sigma: float, side: int | None = None) -> BlurKernel:
    """The round Gaussian.

    Args:
        sigma: standard deviation in pixels, positive.
        side: of the kernel; by default ``2 round(2 sigma) + 1``, which is the 7 of the papers for their 1.6.
    """
    if side is None:
        side = 2 * round(2 * sigma) + 1
    return elliptic(side, (sigma, sigma), 0.0, lambda distance: np.exp(-distance / 2))


def elliptic(side: int, sigmas: tuple[float, float], angle: float, profile: Profile) -> BlurKernel:
    """A kernel whose level lines are ellipses.

    Args:
        side: of the kernel, odd.
        sigmas: half axes in pixels at which the squared distance is one.
        angle: of the first axis, in radians from the rows' direction.
        profile: the kernel as a function of the squared distance.
    """
    line = np.arange(side) - side // 2
    x, y = np.meshgrid(line, line)
    along = (np.cos(angle) * x + np.sin(angle) * y) / sigmas[0]
    across = (np.cos(angle) * y - np.sin(angle) * x) / sigmas[1]
    return _normalise(profile(along**2 + across**2))


def low_pass(side: int, cutoff: float) -> BlurKernel:
    """The ideal circular low-pass, whose side lobes make the rings of oversharpened pictures.

    Its impulse response is ``cutoff J1(cutoff r) / (2 pi r)`` (Wang et al., "Real-ESRGAN", ICCV workshops
    2021, equation 6).

    Args:
        side: of the kernel, odd.
        cutoff: in radians per pixel, up to pi.
    """
    line = np.arange(side) - side // 2
    radius = np.hypot(*np.meshgrid(line, line))
    safe = np.where(radius == 0, 1.0, radius)
    response = cutoff * _bessel_j1(cutoff * safe) / (2 * np.pi * safe)
    return _normalise(np.where(radius == 0, cutoff**2 / (4 * np.pi), response))


def blur(planes: Planes, kernel: BlurKernel) -> Planes:
    """Convolve each channel of a picture with a kernel; the border pixels are repeated outwards.

    Args:
        planes: (height, width, channels) float32.
        kernel: any.

    Returns:
        The same shape, float32.
    """
    rim = len(kernel) // 2
    padded = np.pad(planes, ((rim, rim), (rim, rim), (0, 0)), mode="edge")
    shape = padded.shape[0] + 2 * rim, padded.shape[1] + 2 * rim
    response = np.fft.rfft2(kernel, shape)
    blurred = np.empty_like(planes)
    for channel in range(planes.shape[2]):
        spectrum = np.fft.rfft2(padded[:, :, channel], shape)
        whole = np.fft.irfft2(spectrum * response, shape)
        blurred[:, :, channel] = whole[2 * rim :, 2 * rim :][: planes.shape[0], : planes.shape[1]]
    return blurred


def _normalise(weights: npt.NDArray[np.float64]) -> BlurKernel:
    total: np.float64 = weights.sum()
    return weights / total


def _bessel_j1(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The Bessel function of the first kind and order one, by Bessel's integral.

    The midpoint rule converges geometrically for a periodic integrand: 128 points reach 1e-15 up to x = 100.
    """
    points = (np.arange(128) + 0.5) * np.pi / 128
    values: npt.NDArray[np.float64] = np.cos(points - x[..., None] * np.sin(points)).mean(axis=-1)
    return values
