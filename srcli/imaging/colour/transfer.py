"""The curves between light and the numbers of a file (ITU-T H.273, section 8.2; BT.2100)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Light: TypeAlias = npt.NDArray[Any]
"""Floating-point numbers (height, width, 1 or 3)."""

Curve: TypeAlias = Callable[[Light], Light]
"""From the numbers of a file, 0..1, to light, 1.0 for white."""

PQ, HLG = 16, 18
"""Numbers of the two curves of high dynamic range (H.273, table 3)."""

SRGB_LIKE = frozenset({1, 2, 6, 13, 14, 15})
"""Numbers of curves that are shown as sRGB's: its own, none, and those of video, as browsers do."""

_WHITE_NITS = 203.0
"""Light of white paper in high dynamic range (ITU-R BT.2408, section 2.1)."""

_LUMA_2020 = np.array([0.2627, 0.6780, 0.0593])


def to_linear(number: int) -> Curve | None:
    """What turns values of a curve of H.273 into light, 1.0 for white; None where the curve is unknown."""
    if number in SRGB_LIKE:
        return srgb_to_linear
    return _CURVES.get(number)


def gamma_to_linear(exponent: float) -> Curve:
    """What turns values of a power law into light."""
    return lambda values: np.power(np.maximum(values, 0), exponent)


def srgb_to_linear(values: Light) -> Light:
    """IEC 61966-2-1, from 0..1 to 0..1."""
    return np.where(values <= 0.04045, values / 12.92, ((np.maximum(values, 0) + 0.055) / 1.055) ** 2.4)


def linear_to_srgb(light: Light) -> Light:
    """IEC 61966-2-1, from 0..1 to 0..1."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 0) ** (1 / 2.4) - 0.055)


def _smpte_240(values: Light) -> Light:
    return np.where(values < 0.0913, values / 4, ((values + 0.1115) / 1.1115) ** (1 / 0.45))


def _cinema(values: Light) -> Light:
    """SMPTE ST 428-1."""
    return values**2.6 * (52.37 / 48)


def _pq(values: Light) -> Light:
    """SMPTE ST 2084, of which 10,000 candelas per square metre are the highest value."""
    low, scale, offset = 0.8359375, 18.8515625, 18.6875
    root = np.maximum(values, 0) ** (1 / 78.84375)
    light = (np.maximum(root - low, 0) / (scale - offset * root)) ** (1 / 0.1593017578125)
    return light * (10_000 / _WHITE_NITS)


def _hlg(values: Light) -> Light:
    """BT.2100's hybrid log-gamma, shown at 1,000 candelas per square metre (table 5)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(values <= 0.5, values**2 / 3, (np.exp((values - c) / a) + b) / 12)
    luma = scene @ _LUMA_2020 if scene.shape[-1] == 3 else scene[..., 0]
    return scene * np.maximum(luma, 1e-9)[..., None] ** 0.2 * (1_000 / _WHITE_NITS)


_CURVES: dict[int, Curve] = {
    4: gamma_to_linear(2.2),
    5: gamma_to_linear(2.8),
    7: _smpte_240,
    8: gamma_to_linear(1.0),
    PQ: _pq,
    17: _cinema,
    HLG: _hlg,
}
