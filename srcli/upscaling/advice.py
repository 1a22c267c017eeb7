"""Which generator would suit a picture better than the one that was chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.core.rows import whole
from srcli.metrics.noise import noise_sigma
from srcli.upscaling.choice import EVERYDAY
from srcli.upscaling.condition import middle_luma

if TYPE_CHECKING:
    from srcli.upscaling.enlargement import FrameRows
    from srcli.upscaling.inspection import Inspection

FOR_CLEAN_PICTURES = frozenset({"fast", "plain"})
WORN_QUALITY = 80
"""JPEG files of this quality, on libjpeg's scale, and below show their blocks when they are enlarged."""
WORN_SIGMA = 6.0
"""Noise in 8-bit levels that a generator for clean pictures sharpens into grain: of 60 photographs that pass
for clean one lies above, of noisy ones most."""


def advise(inspection: Inspection, frame: FrameRows | None = None) -> str | None:
    """A sentence that names a better generator; None where there is none.

    Args:
        inspection: the picture, and the generators that were chosen.
        frame: the picture, where it is in memory; then its noise is looked at as well.
    """
    names = {generator.card.name for generator in inspection.generators}
    repaired = any(generator.scale == 1 for generator in inspection.generators)
    if repaired or not names & FOR_CLEAN_PICTURES:
        return None
    wear = _wear(inspection, frame)
    if wear is None:
        return None
    return f"{inspection.job.source.name} {wear}: -m {EVERYDAY} does not sharpen noise and compression"


def _wear(inspection: Inspection, frame: FrameRows | None) -> str | None:
    quality = inspection.info.jpeg_quality
    if quality is not None and quality <= WORN_QUALITY:
        return f"is compressed (a JPEG of quality {quality} or so)"
    if frame is not None and noise_sigma(middle_luma(whole(frame.colour))) >= WORN_SIGMA:
        return "looks noisy"
    return None
