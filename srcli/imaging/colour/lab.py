"""CIE L*a*b* as TIFF files hold it, to sRGB."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from srcli.imaging.colour.icc_writer import D50, SRGB_PRIMARIES, matrix_to_xyz
from srcli.imaging.colour.transfer import linear_to_srgb

if TYPE_CHECKING:
    from srcli.core.arrays import Planes

_KNEE = 6 / 29


def lab_to_srgb(stored: Planes, depth: int, *, signed: bool) -> Planes:
    """Convert L*a*b* to sRGB; colours outside it are clipped.

    Args:
        stored: (height, width, 3) float32, 0..1: integers of a file over the highest of their range. L* from
            0 to 100 takes the whole range (in ICCLab of 16 bits it ends at 0xFF00).
        depth: bits of those integers, 8 or 16.
        signed: a* and b* are two's complements (CIELab of TIFF 6.0, section 23), and not shifted by half the
            range (ICCLab, Adobe's TIFF Technical Note 4).

    Returns:
        The same shape, float32, 0..1.
    """
    levels, step = 2**depth, 2 ** (depth - 8)
    integers = stored.astype(np.float64) * (levels - 1)
    most = levels - 1 if signed or depth == 8 else 255 * step
    chroma = integers[:, :, 1:3]
    chroma = np.where(chroma >= levels / 2, chroma - levels, chroma) if signed else chroma - levels / 2
    a, b = chroma[:, :, :1] / step, chroma[:, :, 1:] / step
    middle = (integers[:, :, :1] / most * 100 + 16) / 116
    curved = np.concatenate((middle + a / 500, middle, middle - b / 200), axis=2)
    # CIE 15:2004, section 8.2.1.
    ratios = np.where(curved > _KNEE, curved**3, 3 * _KNEE**2 * (curved - 4 / 29))
    linear = (ratios * D50) @ np.linalg.inv(matrix_to_xyz(SRGB_PRIMARIES)).T
    encoded: Planes = linear_to_srgb(linear.clip(0, 1)).astype(np.float32)
    return encoded
