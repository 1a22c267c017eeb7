"""How two pictures are prepared before they are measured; a figure means nothing without it.

The one of super-resolution papers: both pictures rounded to 8-bit levels, BT.601 luma (not rounded again), a
border as wide as the scale left out, on a range of 255.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from srcli.core.errors import InputError, UsageError
from srcli.metrics.luma import rgb_to_luma
from srcli.metrics.pairs import check_pair, describe_shape, row_strips
from srcli.metrics.registry import DEFAULT_METRICS, find_metric

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from srcli.core.arrays import Planes
    from srcli.metrics.registry import Measure

Channel: TypeAlias = Literal["y", "rgb"]

DATA_RANGE = 255.0
"""The range that figures are given on, whatever the depth of the files."""


def usual_shave(scale: int) -> int:
    """The border that papers leave out, in pixels: as wide as the scale, and none at scale 1."""
    return 0 if scale == 1 else scale


@dataclass(frozen=True, slots=True)
class Protocol:
    """What is measured.

    Attributes:
        channel: ``y`` for BT.601 luma, ``rgb`` for all channels together. Grey pictures are measured as they
            are under both, as papers do with the grey pictures of Set14.
        shave: width in pixels of the border left out on each side.
        depth: bits to whose levels both pictures are clipped and rounded first, 8 or 16.
    """

    channel: Channel = "y"
    shave: int = 0
    depth: int = 8

    def __post_init__(self) -> None:
        if self.channel not in ("y", "rgb"):
            raise UsageError(f"unknown channel '{self.channel}'", hint="choose y or rgb")
        if self.shave < 0:
            raise UsageError(f"cannot shave {self.shave} pixels")

    def __str__(self) -> str:
        """In words, such as ``luma (BT.601), shave 4, 8 bit``."""
        channel = "luma (BT.601)" if self.channel == "y" else "RGB"
        return f"{channel}, shave {self.shave}, {self.depth} bit"

    def prepare(self, planes: Planes) -> Planes:
        """What is measured of a picture.

        Args:
            planes: (height, width, 1 or 3) floats, nominally 0..1.

        Returns:
            (height - 2 shave, width - 2 shave, 1 or 3) float32 on 0..255.

        Raises:
            InputError: nothing is left of the picture, or its channels are neither grey nor RGB.
        """
        kept = _shave(planes, self.shave)
        if kept.shape[2] not in (1, 3):
            raise InputError(
                f"cannot measure {describe_shape(planes)}", hint="convert the picture to grey or RGB"
            )
        levels = _quantise(kept, 2**self.depth - 1)
        if self.channel == "rgb" or kept.shape[2] == 1:
            return levels * np.float32(DATA_RANGE)
        return rgb_to_luma(levels) * np.float32(DATA_RANGE)


def measure(
    result: Planes,
    reference: Planes,
    protocol: Protocol,
    metrics: Sequence[str] = DEFAULT_METRICS,
    networks: Mapping[str, Measure] | None = None,
) -> dict[str, float]:
    """Measure how near a result is to its reference.

    Args:
        result: (height, width, 1 or 3) floats, nominally 0..1.
        reference: the same shape.
        protocol: how both are prepared.
        metrics: names of metrics.
        networks: for metrics that need a network, the metric with its network, by name.

    Returns:
        Figures by name in the order asked for. PSNR is in dB; MSE, RMSE and MAE are on a range of 255.

    Raises:
        InputError: the shapes differ, or are too small for a metric.
        UsageError: a metric is unknown.
    """
    chosen = [find_metric(name) for name in metrics]
    result, reference = check_pair(result, reference, DATA_RANGE)
    pair = protocol.prepare(result), protocol.prepare(reference)
    figures = {}
    for metric in chosen:
        function = (networks or {}).get(metric.name, metric.measure)
        shown = _in_colour(result, reference, protocol) if metric.on_colour else pair
        figures[metric.name] = function(*shown, data_range=DATA_RANGE)
    return figures


def _in_colour(result: Planes, reference: Planes, protocol: Protocol) -> tuple[Planes, Planes]:
    colourful = replace(protocol, channel="rgb")
    return colourful.prepare(result), colourful.prepare(reference)


def _shave(planes: Planes, border: int) -> Planes:
    height, width, _ = planes.shape
    if min(height, width) <= 2 * border:
        raise InputError(
            f"nothing is left of {describe_shape(planes)} after shaving {border} pixels on each side"
        )
    return planes[border : height - border, border : width - border]


def _quantise(planes: Planes, peak: int) -> Planes:
    """Clip to 0..1 and round to multiples of ``1 / peak``, half to even, as writing a file does."""
    levels = np.empty(planes.shape, np.float32)
    for rows in row_strips(planes):
        strip = levels[rows]
        np.clip(planes[rows], 0, 1, out=strip)
        strip *= peak
        np.rint(strip, out=strip)
        strip /= peak
    return levels
