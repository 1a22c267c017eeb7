"""Low-resolution pictures that a benchmark brings itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from srcli.core.errors import InputError
from srcli.core.geometry import Size
from srcli.core.names import printable
from srcli.pipeline.measure.pairs import named_pictures
from srcli.pipeline.measure.still import read_still

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from srcli.core.arrays import Planes

# What benchmarks append to the names of small pictures, large ones, or both: x4, _x4, _LR, _SRF_4_LR, _HR.
_ENDING = re.compile(r"([_-]?SRF[_-]\d+)?([_-]?x\d+|[_-](LR|HR|GT))?$", re.IGNORECASE)


def match_lows(pictures: Mapping[str, Path], folder: Path, *, recursive: bool) -> dict[Path, Path]:
    """Find the small picture of every large one, by name without what benchmarks append.

    Args:
        pictures: large ones, by name.
        folder: with the small ones.
        recursive: whether to look into the folders below, which are then part of the names.

    Raises:
        InputError: a large picture has no small one, or two small ones have one name.
    """
    small: dict[str, Path] = {}
    for name, path in named_pictures(folder, recursive=recursive).items():
        other = small.setdefault(_ENDING.sub("", name), path)
        if other is not path:
            raise InputError(f"{printable(other)} and {printable(path)} are of one picture, by their names")
    found = {}
    for name, path in pictures.items():
        match = small.get(_ENDING.sub("", name))
        if match is None:
            raise InputError(
                f"{printable(folder)} has no picture for {printable(path)}", hint="name them alike"
            )
        found[path] = match
    return found


def read_low(path: Path, reference: Planes, scale: int) -> Planes:
    """Read a small picture of a reference, as many channels as that has.

    Args:
        path: of the small picture.
        reference: (H, W, 1 or 3), cropped to a multiple of the scale.
        scale: the whole factor.

    Raises:
        InputError: it can't be read, is transparent or coloured beside a grey reference, or has another size.
    """
    still = read_still(path)
    wanted = Size(reference.shape[0] // scale, reference.shape[1] // scale)
    if still.alpha is not None:
        raise InputError(f"{still.name} is transparent in places", hint="flatten it on a background first")
    if still.info.size != wanted:
        raise InputError(f"{still.name} is {still.info.size}, and its reference at x{scale} needs {wanted}")
    if still.colour.shape[2] > reference.shape[2]:
        raise InputError(f"{still.name} is coloured, and its reference is grey")
    return (
        still.colour
        if still.colour.shape == (*wanted, reference.shape[2])
        else still.colour.repeat(3, axis=2)
    )
