"""The named rules by which two unlike pictures become comparable; what no rule covers is an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from srcli.core.errors import InputError
from srcli.imaging.pixels.alpha import over_grey

if TYPE_CHECKING:
    from srcli.core.arrays import Planes
    from srcli.pipeline.measure.still import Still


def common_depth(result: Still, reference: Still, wanted: int | None) -> tuple[int, list[str]]:
    """The depth to measure at, in bits: what was asked for, else 16 where both files have it, else 8.

    Returns:
        The depth and a note where the files differ.
    """
    depths = {result.info.depth, reference.info.depth}
    depth = wanted or min(depths)
    if len(depths) == 1:
        return depth, []
    return depth, [
        f"{result.name} has {result.info.depth} bit and {reference.name} {reference.info.depth}: "
        f"both are rounded to {depth} bit"
    ]


def common_planes(result: Still, reference: Still) -> tuple[Planes, Planes, list[str]]:
    """Colour planes of one shape.

    A grey picture beside a coloured one becomes RGB. Transparent pictures are laid over mid-grey, so that
    hidden colours don't count; one transparent picture alone is an error, as is a difference in size.

    Returns:
        Both (height, width, 1 or 3) float32, 0..1, and notes on the rules that were used.

    Raises:
        InputError: no rule makes them comparable.
    """
    if result.info.size != reference.info.size:
        raise InputError(
            f"sizes differ: {result.name} is {result.info.size}, {reference.name} is {reference.info.size}",
            hint="crop or resize one of them first; srcli degrade --references keeps originals that match",
        )
    notes = _profile_notes(result, reference)
    planes = [_cover(still) for still in _check_alpha(result, reference)]
    if result.alpha is not None:
        notes.append("transparent pixels are measured over mid-grey")
    if planes[0].shape != planes[1].shape:
        notes.append(f"{(result if planes[0].shape[2] == 1 else reference).name} is grey: measured as RGB")
        planes = [np.broadcast_to(part, (*part.shape[:2], 3)) for part in planes]
    return planes[0], planes[1], notes


def _check_alpha(result: Still, reference: Still) -> tuple[Still, Still]:
    if (result.alpha is None) != (reference.alpha is None):
        clear, opaque = (reference, result) if result.alpha is None else (result, reference)
        raise InputError(
            f"{clear.name} is transparent in places and {opaque.name} is not",
            hint="flatten it on a background first",
        )
    return result, reference


def _cover(still: Still) -> Planes:
    return still.colour if still.alpha is None else over_grey(still.colour, still.alpha)


def _profile_notes(result: Still, reference: Still) -> list[str]:
    profiles = result.info.metadata.icc, reference.info.metadata.icc
    if None in profiles or profiles[0] == profiles[1]:
        return []
    return ["the colour profiles differ: levels are compared as they are stored"]
