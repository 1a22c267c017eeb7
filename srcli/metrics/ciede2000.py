"""How different two colours look: CIEDE2000, and the way from sRGB to the space that it is defined in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from srcli.core.arrays import Planes

# Linear sRGB to XYZ relative to the white point D65 (IEC 61966-2-1): white becomes (1, 1, 1).
_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_TO_XYZ_OVER_WHITE = _TO_XYZ / _TO_XYZ.sum(axis=1, keepdims=True)

_FAR = 25.0**7


def srgb_to_lab(colour: Planes) -> npt.NDArray[np.float64]:
    """CIELAB, relative to D65, of sRGB (IEC 61966-2-1; CIE 15:2018, section 8.2.1).

    Args:
        colour: (..., 3) sRGB, 0..1.

    Returns:
        (..., 3) float64: L* in 0..100, a* and b*.
    """
    values = colour.astype(np.float64)
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    ratios = linear @ _TO_XYZ_OVER_WHITE.T
    roots = np.where(ratios > (6 / 29) ** 3, np.cbrt(ratios), ratios * (29 / 6) ** 2 / 3 + 4 / 29)
    x, y, z = np.moveaxis(roots, -1, 0)
    return np.stack((116 * y - 16, 500 * (x - y), 200 * (y - z)), axis=-1)


def ciede2000(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """The difference CIEDE2000 of colours; about 1 is just noticeable side by side.

    Source: Sharma, Wu and Dalal, "The CIEDE2000 color-difference formula", Color Research and Application
    30(1), 2005, equations 2 to 22, with all parametric factors 1.

    Args:
        first: (..., 3) CIELAB.
        second: (..., 3) CIELAB.

    Returns:
        (...) float64, 0 for equal colours.
    """
    chroma = (np.hypot(first[..., 1], first[..., 2]) + np.hypot(second[..., 1], second[..., 2])) / 2
    stretch = 1 + 0.5 * (1 - _far_share(chroma))
    light1, chroma1, hue1 = _polar(first, stretch)
    light2, chroma2, hue2 = _polar(second, stretch)
    mean_light, mean_chroma = (light1 + light2) / 2, (chroma1 + chroma2) / 2
    turn = (hue2 - hue1 + 180) % 360 - 180
    # At exactly half a turn the formula goes the other way around.
    turn = np.where((turn == -180) & (hue2 > hue1), 180.0, turn)
    coloured = chroma1 * chroma2 > 0
    turn = np.where(coloured, turn, 0.0)
    mean_hue = np.where(coloured, _mean_hue(hue1, hue2), hue1 + hue2)
    light = (light2 - light1) / (1 + 0.015 * (mean_light - 50) ** 2 / np.sqrt(20 + (mean_light - 50) ** 2))
    chroma = (chroma2 - chroma1) / (1 + 0.045 * mean_chroma)
    hue = 2 * np.sqrt(chroma1 * chroma2) * np.sin(np.radians(turn / 2))
    hue /= 1 + 0.015 * mean_chroma * _hue_weight(mean_hue)
    rotation = np.sin(np.radians(60 * np.exp(-(((mean_hue - 275) / 25) ** 2))))
    mixed = -2 * _far_share(mean_chroma) * rotation * chroma * hue
    difference: npt.NDArray[np.float64] = np.sqrt(np.maximum(light**2 + chroma**2 + hue**2 + mixed, 0))
    return difference


def _far_share(chroma: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How far from grey a chroma is, 0..1 (the root that equations 4 and 17 share)."""
    seventh = chroma**7
    share: npt.NDArray[np.float64] = np.sqrt(seventh / (seventh + _FAR))
    return share


def _polar(
    lab: npt.NDArray[Any], stretch: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Lightness, chroma and hue in degrees, 0..360, with a* stretched (equations 5 to 7)."""
    a, b = lab[..., 1] * stretch, lab[..., 2]
    return lab[..., 0], np.hypot(a, b), np.degrees(np.arctan2(b, a)) % 360


def _mean_hue(first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The middle of the shorter arc between two hues, in degrees (equation 14)."""
    total = first + second
    wraps = np.abs(first - second) > 180
    middle: npt.NDArray[np.float64] = (total + np.where(wraps, np.where(total < 360, 360, -360), 0)) / 2
    return middle


def _hue_weight(hue: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The term T (equation 15)."""
    weight: npt.NDArray[np.float64] = (
        1
        - 0.17 * np.cos(np.radians(hue - 30))
        + 0.24 * np.cos(np.radians(2 * hue))
        + 0.32 * np.cos(np.radians(3 * hue + 6))
        - 0.20 * np.cos(np.radians(4 * hue - 63))
    )
    return weight
