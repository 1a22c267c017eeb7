"""The families of networks that ncnn files of enlargers hold, told by their layers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from srcli.importers.ncnn.param import Layer

RRDB, SRVGG, CUNET, UPCONV, CUGAN, SPAN = "rrdb", "srvgg", "cunet", "upconv", "cugan", "span"
UNKNOWN = "ncnn"
SPAN_BLOCKS = 6


def family_of(layers: tuple[Layer, ...]) -> str:
    """The name of a network's architecture, for the card; ``ncnn`` where it is none of the known ones.

    ``rrdb``: ESRGAN, RealSR, Real-ESRGAN. ``srvgg``: the compact Real-ESRGAN. ``cunet`` and ``upconv``:
    waifu2x. ``cugan``: Real-CUGAN, a cunet from PyTorch, whose files add by another operator than Caffe's.
    ``span``: six blocks whose attention is a sigmoid without parameters (https://arxiv.org/abs/2311.12770).
    """
    counts = Counter(layer.kind for layer in layers)
    if counts["Concat"] >= 4 and counts["Interp"] and counts["Concat"] % 4 == 0:
        return RRDB
    if counts["Deconvolution"] and counts["Crop"]:
        return CUNET if counts["Eltwise"] else CUGAN
    if counts["Deconvolution"] == 1 and counts["Convolution"] + 2 == len(layers):
        return UPCONV
    if counts["Sigmoid"] == SPAN_BLOCKS and counts["Concat"] == counts["PixelShuffle"] == 1:
        return SPAN
    activations = counts["PReLU"] + counts["ReLU"]
    if activations and counts["PixelShuffle"] == 1 and counts["Convolution"] == activations + 1:
        return SRVGG
    return UNKNOWN
