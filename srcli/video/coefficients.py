"""Between RGB and YCbCr: the numbers of ITU-T H.273 (07/2024), 8.1 and 8.3."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from srcli.core.geometry import Size
    from srcli.video.info import Colour

UNSPECIFIED = 2
_LUMA = {
    1: (0.2126, 0.0722),
    4: (0.30, 0.11),
    5: (0.299, 0.114),
    6: (0.299, 0.114),
    7: (0.212, 0.087),
    9: (0.2627, 0.0593),
}
"""Shares of red and of blue in luma, by MatrixCoefficients."""
_STANDARD_WIDTH, _STANDARD_HEIGHT = 1280, 576
_COMPANY = {1: (1, 1), 5: (5, 6), 6: (6, 6), 9: (9, 14)}
"""Primaries and transfer that go with a matrix where a stream tells neither."""


class Scale(NamedTuple):
    """How nominal values become codes.

    Luma 0..1 is ``black + luma * white``, chroma -0.5..0.5 about ``middle``.
    """

    black: float
    white: float
    middle: float
    chroma: float
    highest: int


def scale_of(depth: int, full_range: bool) -> Scale:
    """The codes of a depth and a range (H.273, equations 20 to 37)."""
    highest = (1 << depth) - 1
    middle = 1 << (depth - 1)
    if full_range:
        return Scale(0, highest, middle, highest, highest)
    unit = 1 << (depth - 8)
    return Scale(16 * unit, 219 * unit, middle, 224 * unit, highest)


def is_known(matrix: int) -> bool:
    """Whether a matrix is one that srcli computes with."""
    return matrix in _LUMA


def to_ycbcr(matrix: int) -> npt.NDArray[np.float32]:
    """The matrix (3, 3) that turns RGB into Y, Cb, Cr (H.273, equations 38 to 40).

    Unknown ones count as BT.2020. Whatever they are, the way back undoes it.
    """
    red, blue = _LUMA.get(matrix, _LUMA[9])
    luma = np.array([red, 1 - red - blue, blue])
    return np.stack(
        [
            luma,
            (np.array([0.0, 0.0, 1.0]) - luma) / (2 * (1 - blue)),
            (np.array([1.0, 0.0, 0.0]) - luma) / (2 * (1 - red)),
        ]
    ).astype(np.float32)


def difference_shares(matrix: int) -> npt.NDArray[np.float32]:
    """What blue minus luma and red minus luma are multiplied by to give Cb and Cr (H.273, as above), (2,)."""
    red, blue = _LUMA.get(matrix, _LUMA[9])
    return np.array([1 / (2 * (1 - blue)), 1 / (2 * (1 - red))], np.float32)


def to_rgb(matrix: int) -> npt.NDArray[np.float32]:
    """The matrix (3, 3) that turns Y, Cb, Cr into RGB."""
    return np.linalg.inv(to_ycbcr(matrix).astype(np.float64)).astype(np.float32)


def assume(colour: Colour, size: Size) -> Colour:
    """Fill in what a stream doesn't tell, as players do: BT.601 for standard definition, BT.709 above.

    Args:
        colour: as the stream tells.
        size: as stored.
    """
    matrix = colour.matrix
    if matrix == UNSPECIFIED:
        matrix = _usual_matrix(colour, size)
    primaries, transfer = _COMPANY.get(matrix, (UNSPECIFIED, UNSPECIFIED))
    return replace(
        colour,
        matrix=matrix,
        primaries=primaries if colour.primaries == UNSPECIFIED else colour.primaries,
        transfer=transfer if colour.transfer == UNSPECIFIED else colour.transfer,
        told_matrix=colour.matrix != UNSPECIFIED,
    )


def _usual_matrix(colour: Colour, size: Size) -> int:
    if colour.primaries == 9:
        return 9
    if size.width >= _STANDARD_WIDTH or size.height > _STANDARD_HEIGHT:
        return 1
    return 5 if size.height == _STANDARD_HEIGHT else 6
