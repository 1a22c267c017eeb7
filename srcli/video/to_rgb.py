"""Stored samples to RGB in floating point."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from srcli.video import chroma, coefficients
from srcli.video.orientation import upright
from srcli.video.pixel_formats import STEPS, as_planar, describe, planes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.core.arrays import Plane, Planes
    from srcli.video.info import Colour, PixelFormat
    from srcli.video.library import RawFrame
    from srcli.video.pixel_formats import Samples


def to_rgb(frame: RawFrame, colour: Colour, orientation: int = 1) -> Planes:
    """Convert a decoded frame.

    Args:
        frame: of any pixel format.
        colour: of its samples.
        orientation: 1 to 8 as in Exif; the pixels come out upright.

    Returns:
        (height, width, 3 or 4) float32, RGB in 0..1, contiguous; opacity last where the format has it.
    """
    frame = as_planar(frame)
    layout = describe(frame.format.name)
    assert layout is not None
    return np.ascontiguousarray(upright(_convert(planes(frame), layout, colour), orientation))


def _convert(samples: Sequence[Samples], layout: PixelFormat, colour: Colour) -> Planes:
    height, width = samples[0].shape
    result = np.empty((height, width, 4 if layout.has_alpha else 3), np.float32)
    highest = np.float32((1 << layout.depth) - 1)
    if layout.has_alpha:
        np.divide(samples[3], highest, out=result[:, :, 3])
    if layout.chroma == "rgb":
        for plane, channel in zip(samples, (1, 2, 0), strict=False):
            np.divide(plane, highest, out=result[:, :, channel])
        return result
    scale = coefficients.scale_of(layout.depth, colour.full_range)
    luma = (samples[0] - np.float32(scale.black)) / np.float32(scale.white)
    if layout.chroma == "grey":
        result[:, :, :3] = luma[:, :, np.newaxis]
    else:
        _mix(luma, _chroma(samples, layout, colour, scale), colour, result)
    np.clip(result[:, :, :3], 0, 1, out=result[:, :, :3])
    return result


def _chroma(
    samples: Sequence[Samples], layout: PixelFormat, colour: Colour, scale: coefficients.Scale
) -> list[Plane]:
    height, width = samples[0].shape
    steps = STEPS[layout.chroma]
    down, across = chroma.offsets(colour.chroma, steps)
    full = []
    for plane in samples[1:3]:
        nominal = (plane - np.float32(scale.middle)) / np.float32(scale.chroma)
        taller = chroma.enlarge(nominal, steps[0], down, height, 0)
        full.append(chroma.enlarge(taller, steps[1], across, width, 1))
    return full


def _mix(luma: Plane, chromas: Sequence[Plane], colour: Colour, result: Planes) -> None:
    blue, red = chromas
    matrix = coefficients.to_rgb(colour.matrix)
    result[:, :, 0] = luma + matrix[0, 2] * red
    result[:, :, 1] = luma + matrix[1, 1] * blue + matrix[1, 2] * red
    result[:, :, 2] = luma + matrix[2, 1] * blue
