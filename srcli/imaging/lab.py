"""CIE L*a*b* as TIFF files hold it, to sRGB."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from srcli.core.arrays import Planes

# The D50 white that colours are relative to (ICC.1:2022, section 7.2.16).
_D50 = np.array([0.9642, 1.0, 0.8249])
# Linear sRGB (IEC 61966-2-1) from XYZ relative to D50, adapted after Bradford (ICC.1:2022, annex E).
_FROM_XYZ = np.linalg.inv(
    np.array(
        [
            [0.4360747, 0.3850649, 0.1430804],
            [0.2225045, 0.7168786, 0.0606169],
            [0.0139322, 0.0971045, 0.7141733],
        ]
    )
)
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
    linear = ((ratios * _D50) @ _FROM_XYZ.T).clip(0, 1)
    # The curve of sRGB (IEC 61966-2-1).
    encoded: Planes = np.where(
        linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055
    ).astype(np.float32)
    return encoded
