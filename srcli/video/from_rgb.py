"""RGB to the samples that a codec stores, rounded once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from srcli.core.geometry import round_up
from srcli.video import chroma, coefficients
from srcli.video.library import load_av
from srcli.video.pixel_formats import PACKED, STEPS, planes

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from srcli.core.arrays import Plane
    from srcli.video.info import Colour, PixelFormat
    from srcli.video.library import RawFrame
    from srcli.video.pixel_formats import Samples

_ROWS = 128
"""Converted at a time: few enough that what lies between stays in the processor's caches."""


def from_rgb(pixels: npt.NDArray[Any], layout: PixelFormat, colour: Colour) -> RawFrame:
    """Convert pixels into a frame to encode.

    Args:
        pixels: (height, width, 3 or 4), RGB: float32 in 0..1, clipped, or uint8; opacity last.
        layout: one that ``describe`` knows.
        colour: how samples mean colours.
    """
    height, width = pixels.shape[:2]
    frame = load_av().VideoFrame(width, height, layout.name)
    if layout.name in PACKED:
        _fill_packed(pixels, frame)
    else:
        _fill(pixels, planes(frame), layout, colour)
    return frame


def _fill_packed(pixels: npt.NDArray[Any], frame: RawFrame) -> None:
    height, width = pixels.shape[:2]
    plane, channels = frame.planes[0], PACKED[frame.format.name][2]
    lines = np.frombuffer(plane, np.uint8)[: height * plane.line_size].reshape(height, plane.line_size)
    target = lines[:, : width * len(channels)].reshape(height, width, len(channels))
    for rows in _bands(height):
        for place, channel in enumerate(channels):
            if channel is None or channel >= pixels.shape[2]:
                target[rows, :, place] = 255
            else:
                _store(_channel(pixels[rows], channel) * np.float32(255), target[rows, :, place], 255)


def _fill(pixels: npt.NDArray[Any], targets: list[Samples], layout: PixelFormat, colour: Colour) -> None:
    highest = (1 << layout.depth) - 1
    if layout.chroma == "rgb":
        for rows in _bands(pixels.shape[0]):
            for target, channel in zip(targets, (1, 2, 0), strict=False):
                _store(_channel(pixels[rows], channel) * np.float32(highest), target[rows], highest)
    else:
        _fill_ycbcr(pixels, targets, layout, colour)
    if layout.has_alpha:
        for rows in _bands(pixels.shape[0]):
            opacity = _channel(pixels[rows], 3) if pixels.shape[2] == 4 else np.float32(1)
            _store(np.asarray(opacity * np.float32(highest)), targets[3][rows], highest)


def _fill_ycbcr(
    pixels: npt.NDArray[Any], targets: list[Samples], layout: PixelFormat, colour: Colour
) -> None:
    """Luma, and chroma sampled down across; down the columns once all of its rows are there."""
    height, width = pixels.shape[:2]
    scale = coefficients.scale_of(layout.depth, colour.full_range)
    luma_of = coefficients.to_ycbcr(colour.matrix)[0]
    steps = STEPS.get(layout.chroma)
    narrow = [np.empty((height, -(-width // steps[1])), np.float32) for _ in "br"] if steps else []
    for rows in _bands(height):
        red, green, blue = (_channel(pixels[rows], index) for index in range(3))
        luma = red * luma_of[0]
        luma += green * luma_of[1]
        luma += blue * luma_of[2]
        if steps:
            across = chroma.offsets(colour.chroma, steps)[1]
            for plane, channel in zip(narrow, (blue, red), strict=True):
                plane[rows] = chroma.reduce(np.subtract(channel, luma, out=channel), steps[1], across, 1)
        luma *= np.float32(scale.white)
        luma += np.float32(scale.black)
        _store(luma, targets[0][rows], scale.highest)
    if steps:
        for plane, share, target in zip(
            narrow, coefficients.difference_shares(colour.matrix), targets[1:3], strict=True
        ):
            _fill_chroma(plane, share * np.float32(scale.chroma), target, scale, colour.chroma, steps)


def _fill_chroma(
    differences: Plane,
    share: np.float32,
    target: Samples,
    scale: coefficients.Scale,
    place: str,
    steps: tuple[int, int],
) -> None:
    """One plane of chroma from the differences to luma in all rows."""
    step, height = steps[0], differences.shape[0]
    down = chroma.offsets(place, steps)[0]
    halo = round_up(chroma.reach(step), step)
    for rows in _bands(height):
        start, stop = max(0, rows.start - halo), min(height, rows.stop + halo)
        first, count = (rows.start - start) // step, -(-(rows.stop - rows.start) // step)
        small = chroma.reduce(differences[start:stop], step, down, 0)[first : first + count] * share
        small += np.float32(scale.middle)
        top = rows.start // step
        _store(small, target[top : top + count], scale.highest)


def _bands(height: int) -> Iterator[slice]:
    for top in range(0, height, _ROWS):
        yield slice(top, min(top + _ROWS, height))


def _channel(pixels: npt.NDArray[Any], index: int) -> Plane:
    """One channel by itself, in 0..1."""
    plane = pixels[:, :, index]
    result = np.empty(plane.shape, np.float32)
    if pixels.dtype == np.uint8:
        np.divide(plane, np.float32(255), out=result)
    else:
        np.clip(plane, 0, 1, out=result)
    return result


def _store(values: npt.NDArray[np.float32], target: Samples, highest: int) -> None:
    np.rint(values, out=values)
    np.clip(values, 0, highest, out=values)
    np.copyto(target, values, casting="unsafe")
