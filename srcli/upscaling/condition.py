"""What a picture has been through before it came here: compression and noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from srcli.metrics.blockiness import blockiness
from srcli.metrics.luma import rgb_to_luma
from srcli.metrics.noise import noise_sigma

if TYPE_CHECKING:
    from srcli.core.arrays import Plane, Planes
    from srcli.imaging.decode import PictureFile

LOOKED_AT = 512
"""Pixels along each side of the middle of a picture that are looked at."""
_MOST_WHOLE_PIXELS = 2**26
"""Pictures that can't be decoded in rows are looked at up to this size."""
_RGB = 3


@dataclass(frozen=True, slots=True)
class Condition:
    """Signs of wear in the middle of a picture.

    Attributes:
        noise: standard deviation in 8-bit levels.
        blocks: by how many levels the blocks of JPEG show, see :func:`blockiness`.
    """

    noise: float
    blocks: float


def look_at(picture: PictureFile) -> Condition | None:
    """Decode the middle of a picture, or of an animation's first frame, and measure it.

    Returns:
        None for pictures that are too large to be decoded for a look.

    Raises:
        InputError: it is damaged.
    """
    size = picture.info.size
    if not picture.in_rows:
        if size.pixels > _MOST_WHOLE_PIXELS:
            return None
        return condition_of(next(iter(picture.frames())).colour)
    top = max(0, (size.height - LOOKED_AT) // 2)
    rows: list[Planes] = []
    for band in picture.bands(top):
        rows.append(band.colour)
        if sum(map(len, rows)) >= LOOKED_AT:
            break
    return condition_of(np.concatenate(rows)[:LOOKED_AT])


def condition_of(colour: Planes) -> Condition:
    """Measure the middle of a picture (height, width, channels), 0..1, of any colour model."""
    luma = middle_luma(colour)
    return Condition(noise_sigma(luma), blockiness(luma))


def middle_luma(colour: Planes) -> Plane:
    """The luma on 0..255 of the middle of a picture (height, width, channels), 0..1, of any colour model."""
    rows, columns = (
        slice(start := max(0, (side - LOOKED_AT) // 2), start + LOOKED_AT) for side in colour.shape[:2]
    )
    middle = colour[rows, columns]
    luma: Plane = 255 * (rgb_to_luma(middle)[:, :, 0] if middle.shape[2] == _RGB else middle[:, :, 0])
    return luma
