"""Reads an ncnn network as an ONNX generator."""

from __future__ import annotations

import re
from importlib.util import find_spec
from typing import TYPE_CHECKING

from srcli.core.errors import MissingExtra, ModelError
from srcli.importers.converted import Converted
from srcli.importers.ncnn.family import family_of
from srcli.importers.ncnn.framed import framed
from srcli.importers.ncnn.framing import frame_of
from srcli.importers.ncnn.network import read_network

if TYPE_CHECKING:
    from pathlib import Path

EXTRA = "realesrgan"
_FACTOR = r"(x[1-9]|[1-9]x)"
_SCALE = re.compile(rf"[-_.]?{_FACTOR}$", re.IGNORECASE)


def read_ncnn(param: Path, weights: Path | None = None) -> Converted:
    """Read a network and translate it to ONNX.

    The generator takes and gives whole pictures, as the programs do that run such networks: one that eats the
    rim of a picture gets more of it, any other one gets ten mirrored pixels on each side, so that the rim is
    no worse than the rest. Everything becomes 32-bit floats; those of 8 bits are rounded
    as ncnn rounds them. Where a network needs sides that are multiples of something, so does the generator.

    Args:
        param: the ``.param`` file, in its text form.
        weights: the ``.bin`` file; by default the one of the same name.

    Raises:
        DamagedModel: a file is missing, broken, or not the other one's pair.
        UnsuitableModel: an operator or parameter is not known to srcli, or the network enlarges no pictures.
        MissingExtra: the onnx package is not installed.
    """
    require_reader()
    from srcli.importers.ncnn.model import serialised

    try:
        network = read_network(param, bin_beside(param) if weights is None else weights)
        graph = framed(network, frame_of(network))
    except ModelError as error:
        raise type(error)(f"cannot import {param.name}: {error.message}", error.hint) from error
    return Converted(
        name=_name_of(param.stem),
        model=serialised(graph, network.channels),
        architecture=family_of(network.layers),
        source=f"ncnn network {param.name}",
    )


def _name_of(stem: str) -> str:
    """A file's name without the scale at its end, unless that stands elsewhere: ``up2x-denoise3x`` is x2."""
    if len(re.findall(_FACTOR, stem, re.IGNORECASE)) > 1:
        return stem
    return _SCALE.sub("", stem) or stem


def require_reader() -> None:
    """Raise MissingExtra where the onnx package is not installed."""
    if find_spec("onnx") is None:
        raise MissingExtra("reading ncnn networks", EXTRA)


def bin_beside(param: Path) -> Path:
    """The file of the weights that belongs to a ``.param`` file."""
    return param.with_suffix(".bin")
