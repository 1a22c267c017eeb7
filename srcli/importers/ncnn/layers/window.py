"""Windows that move over a picture: of convolutions, deconvolutions and pooling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcli.core.errors import DamagedModel

if TYPE_CHECKING:
    from srcli.importers.ncnn.graph import Attribute
    from srcli.importers.ncnn.parameters import Parameters

LARGEST_SIDE = 255
LARGEST_PAD = 4096
SAME_UPPER, SAME_LOWER = -233, -234
"""Paddings that give ceil(size / stride); an odd pixel goes below and right, or above and left."""


@dataclass(frozen=True, slots=True)
class Window:
    """A window. Pairs are (rows, columns); ``pads`` are top, left, bottom, right."""

    kernel: tuple[int, int]
    dilation: tuple[int, int]
    stride: tuple[int, int]
    pads: tuple[int, int, int, int]

    @property
    def extent(self) -> tuple[int, int]:
        """Rows and columns from the window's first pixel to its last."""
        (rows, columns), (down, across) = self.kernel, self.dilation
        return down * (rows - 1) + 1, across * (columns - 1) + 1

    @property
    def automatic(self) -> str | None:
        """ONNX's name of a padding that keeps the size, if it is one."""
        names = {SAME_UPPER: "SAME_UPPER", SAME_LOWER: "SAME_LOWER"}
        return next((names[pad] for pad in self.pads if pad in names), None)

    def slid_over(self, height: int, width: int, *, ceil: bool = False) -> tuple[int, int]:
        """Rows and columns of positions on a picture."""
        if self.automatic:
            return -(-height // self.stride[0]), -(-width // self.stride[1])
        top, left, bottom, right = self.pads
        rows, columns = height + top + bottom - self.extent[0], width + left + right - self.extent[1]
        if ceil:
            return -(-rows // self.stride[0]) + 1, -(-columns // self.stride[1]) + 1
        return rows // self.stride[0] + 1, columns // self.stride[1] + 1

    def attributes(self) -> dict[str, Attribute]:
        """The window in ONNX's words."""
        words: dict[str, Attribute] = {"kernel_shape": [*self.kernel], "strides": [*self.stride]}
        if self.dilation != (1, 1):
            words["dilations"] = [*self.dilation]
        if self.automatic:
            words["auto_pad"] = self.automatic
        else:
            words["pads"] = [*self.pads]
        return words


def read_window(parameters: Parameters) -> Window:
    """The window of a convolution or deconvolution."""
    columns = parameters.integer(1, 0, 1, LARGEST_SIDE)
    dilation = parameters.integer(2, 1, 1, LARGEST_SIDE)
    stride = parameters.integer(3, 1, 1, LARGEST_SIDE)
    return Window(
        kernel=(parameters.integer(11, columns, 1, LARGEST_SIDE), columns),
        dilation=(parameters.integer(12, dilation, 1, LARGEST_SIDE), dilation),
        stride=(parameters.integer(13, stride, 1, LARGEST_SIDE), stride),
        pads=read_pads(parameters, left=4, top=14, right=15, bottom=16),
    )


def read_pads(
    parameters: Parameters, *, left: int, top: int, right: int, bottom: int
) -> tuple[int, int, int, int]:
    """The padding: top, left, bottom, right; each side follows another where its key is absent.

    Raises:
        DamagedModel: a side is negative and none of the paddings that keep the size.
    """
    first = parameters.integer(left, 0, SAME_LOWER, LARGEST_PAD)
    above = parameters.integer(top, first, SAME_LOWER, LARGEST_PAD)
    after = parameters.integer(right, first, SAME_LOWER, LARGEST_PAD)
    below = parameters.integer(bottom, above, SAME_LOWER, LARGEST_PAD)
    pads = above, first, below, after
    if min(pads) < 0 and not (len(set(pads)) == 1 and first in (SAME_UPPER, SAME_LOWER)):
        raise DamagedModel(f"pads by {pads}")
    return pads
