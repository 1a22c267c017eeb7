"""RGB to the samples that a codec stores, rounded once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from srcli.core.geometry import round_up
from srcli.video import chroma, coefficients
from srcli.video.library import load_av
from srcli.video.pixel_formats import PACKED, STEPS, planes

if TYPE_CHECKING:
    import numpy.typing as npt

    from srcli.core.arrays import Planes
    from srcli.video.info import Colour, PixelFormat
    from srcli.video.library import RawFrame
    from srcli.video.pixel_formats import Samples

_ROWS = 32
"""Converted at a time, so that what lies between stays in the processor's caches."""


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
    for top in range(0, height, _ROWS):
        rows = slice(top, min(top + _ROWS, height))
        band = _nominal(pixels[rows])
        for place, channel in enumerate(channels):
            if channel is None or channel >= band.shape[2]:
                target[rows, :, place] = 255
            else:
                _store(band[:, :, channel] * np.float32(255), target[rows, :, place], 255)


def _fill(pixels: npt.NDArray[Any], targets: list[Samples], layout: PixelFormat, colour: Colour) -> None:
    height, _width = pixels.shape[:2]
    highest = (1 << layout.depth) - 1
    for top in range(0, height, _ROWS):
        rows = slice(top, min(top + _ROWS, height))
        band = _nominal(pixels[rows])
        if layout.chroma == "rgb":
            for target, channel in zip(targets, (1, 2, 0), strict=False):
                _store(band[:, :, channel] * np.float32(highest), target[rows], highest)
        else:
            _store_luma(band, targets[0][rows], layout, colour)
        if layout.has_alpha:
            opacity = band[:, :, 3] if band.shape[2] == 4 else np.ones(band.shape[:2], np.float32)
            _store(opacity * np.float32(highest), targets[3][rows], highest)
    if layout.chroma in STEPS:
        _fill_chroma(pixels, targets[1:3], layout, colour)


def _store_luma(band: Planes, target: Samples, layout: PixelFormat, colour: Colour) -> None:
    scale = coefficients.scale_of(layout.depth, colour.full_range)
    shares = coefficients.to_ycbcr(colour.matrix)[0] * np.float32(scale.white)
    luma = band[:, :, 0] * shares[0]
    luma += band[:, :, 1] * shares[1]
    luma += band[:, :, 2] * shares[2]
    luma += np.float32(scale.black)
    _store(luma, target, scale.highest)


def _fill_chroma(
    pixels: npt.NDArray[Any], targets: list[Samples], layout: PixelFormat, colour: Colour
) -> None:
    height = pixels.shape[0]
    steps = STEPS[layout.chroma]
    down, across = chroma.offsets(colour.chroma, steps)
    scale = coefficients.scale_of(layout.depth, colour.full_range)
    matrix = coefficients.to_ycbcr(colour.matrix)[1:] * np.float32(scale.chroma)
    halo = round_up(chroma.reach(steps[0]), steps[0])
    for top in range(0, height, _ROWS):
        bottom = min(top + _ROWS, height)
        start, stop = max(0, top - halo), min(height, bottom + halo)
        band = _nominal(pixels[start:stop, :, :3])
        first = (top - start) // steps[0]
        rows = slice(top // steps[0], -(-bottom // steps[0]))
        for target, shares in zip(targets, matrix, strict=True):
            plane = band[:, :, 0] * shares[0]
            plane += band[:, :, 1] * shares[1]
            plane += band[:, :, 2] * shares[2]
            narrow = chroma.reduce(plane, steps[1], across, 1)
            small = chroma.reduce(narrow, steps[0], down, 0)[first : first + rows.stop - rows.start]
            _store(small + np.float32(scale.middle), target[rows], scale.highest)


def _nominal(pixels: npt.NDArray[Any]) -> Planes:
    if pixels.dtype == np.uint8:
        nominal: Planes = np.divide(pixels, 255, dtype=np.float32)
    else:
        nominal = np.clip(pixels, 0, 1, dtype=np.float32)
    return nominal


def _store(values: npt.NDArray[np.float32], target: Samples, highest: int) -> None:
    np.rint(values, out=values)
    np.clip(values, 0, highest, out=values)
    np.copyto(target, values, casting="unsafe")
