"""Interpolation kernels as MATLAB's ``imresize`` defines them: centred on zero, in units of input pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable

Offsets: TypeAlias = npt.NDArray[np.float64]
"""Distances from an output pixel to input pixels, in input pixels, of any shape."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """An interpolation kernel.

    Attributes:
        at: the kernel's value at offsets; need not sum to one.
        width: of the part that is not zero.
        antialiased: whether it may be stretched where a picture shrinks.
    """

    at: Callable[[Offsets], Offsets]
    width: float
    antialiased: bool = True


def box(offsets: Offsets) -> Offsets:
    """One over the half-open unit interval, so that a tie between two pixels goes to one of them."""
    return ((offsets >= -0.5) & (offsets < 0.5)).astype(np.float64)


def average(offsets: Offsets) -> Offsets:
    """One over the pixels less than one away: the plain mean of the two neighbours on each axis."""
    return (np.abs(offsets) < 1).astype(np.float64)


def bilinear(offsets: Offsets) -> Offsets:
    """The triangle."""
    near: Offsets = np.abs(offsets)
    return np.where(near < 1, 1 - near, 0.0)


def bicubic(offsets: Offsets) -> Offsets:
    """Cubic convolution with a = -1/2 (Keys, IEEE Trans. ASSP 29(6), 1981, equation 15)."""
    near: Offsets = np.abs(offsets)
    inner = (1.5 * near - 2.5) * near**2 + 1
    outer = ((-0.5 * near + 2.5) * near - 4) * near + 2
    return np.where(near <= 1, inner, np.where(near <= 2, outer, 0.0))


def lanczos(offsets: Offsets) -> Offsets:
    """The sinc windowed by its own main lobe, three lobes wide (Duchon, J. Appl. Meteorology 18, 1979)."""
    return np.where(np.abs(offsets) < 3, np.sinc(offsets) * np.sinc(offsets / 3), 0.0)


KERNELS: dict[str, Kernel] = {
    "nearest": Kernel(box, 1, antialiased=False),
    "box": Kernel(box, 1),
    "average": Kernel(average, 2),
    "bilinear": Kernel(bilinear, 2),
    "bicubic": Kernel(bicubic, 4),
    "lanczos": Kernel(lanczos, 6),
}
