"""Which generator suits a video: ``-m auto``.

Every codec of video loses something, so the losses tell nothing; the pixels of a few frames do.
"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from srcli.upscaling.choice import CLEAN, CLEAN_BLOCKS, CLEAN_NOISE, EVERYDAY, Choice
from srcli.upscaling.condition import condition_of
from srcli.video.video import Part

if TYPE_CHECKING:
    from srcli.pipeline.video.source import FrameSource
    from srcli.upscaling.condition import Condition

SPOTS = (0.25, 0.5, 0.75)
"""Where in a video frames are looked at: titles and fades at its ends tell little."""


def choose_generator(source: FrameSource) -> Choice:
    """Choose by the noise and the blocks of three frames, whose median counts.

    Raises:
        InputError: a frame can't be decoded.
    """
    seen = [condition for spot in SPOTS if (condition := _look(source, spot)) is not None]
    seen = seen or [condition for condition in (_look(source, 0.0),) if condition is not None]
    if not seen:
        return Choice(EVERYDAY, "could not be looked at beforehand")
    noise = median(each.noise for each in seen)
    blocks = median(each.blocks for each in seen)
    if noise >= CLEAN_NOISE:
        return Choice(EVERYDAY, f"looks noisy ({noise:.1f} levels)")
    if blocks >= CLEAN_BLOCKS:
        return Choice(EVERYDAY, "shows blocks of compression")
    return Choice(CLEAN, "looks clean")


def _look(source: FrameSource, spot: float) -> Condition | None:
    start_s = spot * (source.info.duration_s or 0.0)
    for frame in source.frames(Part(start_s), None, strict=False):
        return condition_of(frame.pixels()[:, :, :3])
    return None
