"""What a generator's file wants to be fed, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from srcli.core.geometry import Size

FLOAT, HALF, BYTE = "tensor(float)", "tensor(float16)", "tensor(uint8)"
"""onnxruntime's names of the element types that srcli drives."""

FLOAT_BYTES = 4
ARENA = 1.35
"""What onnxruntime's arena takes for a byte that lives: measured 1.0 for plain stacks, 1.7 for gates."""

OVERLAP_UNKNOWN = 32
"""Overlap in input pixels for generators whose receptive field could not be measured."""


@dataclass(frozen=True, slots=True)
class Traits:
    """How to drive a generator.

    Attributes:
        scale: output pixels per input pixel along an axis.
        channels: 3 for colour, 1 for a generator of one plane, which then runs on every colour plane.
        layout: ``NCHW`` or ``NHWC``.
        value_range: the input's white, 1.0 or 255.0.
        output_range: the output's white, 1.0 or 255.0.
        input_type: onnxruntime's name of the input's element type.
        output_type: onnxruntime's name of the output's element type.
        fixed_size: the only size that the file takes, if it takes only one.
        fixed_batch: whether the file takes one picture at a time only.
        multiple: sides of the input have to be multiples of this.
        minimum: the shortest side that the file takes.
        receptive_field: how many input pixels beyond its own an output pixel depends on, on each side; None
            where it could not be bounded.
        parameters: number of weights.
        live_values: intermediate values that are in memory at once, per input pixel.
        exact: whether a tile with ``receptive_field`` pixels of overlap equals that part of the whole
            picture.
        whole: whether a pixel of the output depends on the picture as a whole, so that no overlap makes tiles
            equal.
        bound: how far an output pixel can look at most, in input pixels, as the graph tells; None where it
            doesn't.
    """

    scale: int
    channels: int
    layout: str
    value_range: float
    output_range: float
    input_type: str
    output_type: str
    fixed_size: Size | None
    fixed_batch: bool
    multiple: int
    minimum: int
    receptive_field: int | None
    parameters: int
    live_values: float
    exact: bool
    whole: bool = False
    bound: int | None = None

    @property
    def bytes_per_pixel(self) -> int:
        """An estimate of the memory that a run takes per input pixel."""
        fed, result = 2 * self.channels, 2 * self.channels * self.scale**2
        return round(FLOAT_BYTES * (ARENA * self.live_values + fed + result))

    @property
    def overlap(self) -> int:
        """The overlap to take where nothing else is known, in input pixels."""
        return OVERLAP_UNKNOWN if self.receptive_field is None else self.receptive_field
