"""Structural similarity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.metrics.structure import compare_structure

if TYPE_CHECKING:
    from srcli.core.arrays import Planes


def ssim(result: Planes, reference: Planes, *, data_range: float) -> float:
    """Structural similarity under an 11x11 Gaussian window of sigma 1.5; 1 for identical pictures.

    The mean over the area where the whole window lies inside the picture, as the authors' MATLAB code and all
    super-resolution papers take it, and over the channels. Source: Wang et al. 2004, see ``structure``.

    Args:
        result: (height, width, channels) floats, both sides at least 11.
        reference: the same shape.
        data_range: the largest possible value minus the smallest: 1 for unit range, 255 for 8-bit levels.

    Raises:
        InputError: the shapes differ, or are smaller than the window.
        UsageError: ``data_range`` is not positive.
    """
    return compare_structure(result, reference, data_range=data_range).ssim
