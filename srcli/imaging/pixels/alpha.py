"""Transparency: colour under transparent pixels, and transparent pictures on a background."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from srcli.core.arrays import Plane, Planes

_MID_GREY = np.float32(0.5)


def over_grey(colour: Planes, alpha: Plane) -> Planes:
    """Lay a transparent picture, (height, width, channels), over mid-grey."""
    covered: Planes = _MID_GREY + (colour - _MID_GREY) * alpha[:, :, None]
    return covered


def bleed(colour: Planes, alpha: Plane) -> Planes:
    """Fill the colour under fully transparent pixels from the visible pixels around them.

    What stands there in a file is arbitrary, often black or white, and a generator would smear it over the
    edge as a fringe. The fill is a pull-push pyramid (Gortler, Grzeszczuk, Szeliski and Cohen, "The
    Lumigraph", SIGGRAPH 1996, section 3.4): averages of visible pixels go up, gaps are filled coming down, in
    time linear in the pixels.

    Args:
        colour: (height, width, channels) float32, straight.
        alpha: (height, width) float32, 0..1.

    Returns:
        The same planes where alpha is above 0; the input itself where no pixel, or every pixel, is
        transparent.
    """
    visible = alpha > 0
    if visible.all() or not visible.any():
        return colour
    return _fill(colour, visible.astype(np.float32)[:, :, None])


def _fill(colour: Planes, weight: Planes) -> Planes:
    """Planes with the gaps, where ``weight`` (height, width, 1) is 0, filled from coarser levels."""
    if (weight > 0).all():
        return colour
    sums = _halve(colour * weight)
    weights = _halve(weight)
    means = np.divide(sums, weights, out=np.zeros_like(sums), where=weights > 0)
    coarse = _fill(means, (weights > 0).astype(np.float32))
    return np.where(weight > 0, colour, _double(coarse, *colour.shape[:2]))


def _halve(planes: Planes) -> Planes:
    """Sums over blocks of 2x2 pixels; an odd last row or column stands alone."""
    height, width = planes.shape[:2]
    padded = np.pad(planes, ((0, height % 2), (0, width % 2), (0, 0)))
    return padded[0::2, 0::2] + padded[1::2, 0::2] + padded[0::2, 1::2] + padded[1::2, 1::2]


def _double(planes: Planes, height: int, width: int) -> Planes:
    """Twice the size by linear interpolation between the centres of the coarse pixels, cut to fit."""
    return _double_rows(_double_rows(planes, height).swapaxes(0, 1), width).swapaxes(0, 1)


def _double_rows(planes: Planes, rows: int) -> Planes:
    before = np.concatenate((planes[:1], planes[:-1]))
    after = np.concatenate((planes[1:], planes[-1:]))
    doubled = np.empty((2 * len(planes), *planes.shape[1:]), np.float32)
    doubled[0::2] = 0.75 * planes + 0.25 * before
    doubled[1::2] = 0.75 * planes + 0.25 * after
    return doubled[:rows]
