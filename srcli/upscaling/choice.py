"""Which of the shipped generators suits a picture: ``-m auto``.

A generator for clean pictures makes worms of noise and edges of blocks, which looks worse than
interpolation; one that was taught everyday pictures makes clean ones a little softer. So the latter has all
that is not clean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcli.upscaling.condition import look_at

if TYPE_CHECKING:
    from srcli.imaging.decode import PictureFile

AUTOMATIC = "auto"
CLEAN, EVERYDAY = "fast", "everyday"
CHOICES = (CLEAN, EVERYDAY)

CLEAN_QUALITY = 97
"""JPEG of this quality and above is judged by its pixels: what it loses is below a level."""
CLEAN_NOISE = 1.5
CLEAN_BLOCKS = 0.35
"""In 8-bit levels. Of screens, drawings and photographs at a quarter of their size, 19 in 20 lie below the
latter; of the same saved as JPEG of quality 60, four in five lie above."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A generator, and why it was chosen, in words that follow the picture's name."""

    model: str
    reason: str


def choose_generator(picture: PictureFile) -> Choice:
    """Choose by the file's compression, or by the noise and the blocks in its middle.

    Raises:
        InputError: its pixels had to be looked at, and are damaged.
    """
    info = picture.info
    quality = info.jpeg_quality
    if quality is not None and quality < CLEAN_QUALITY:
        return Choice(EVERYDAY, f"is a JPEG of quality {quality} or so")
    if quality is None and not info.lossless:
        return Choice(EVERYDAY, f"is {info.format} with losses")
    condition = look_at(picture)
    if condition is None:
        return Choice(EVERYDAY, "is too large to be looked at beforehand")
    if condition.noise >= CLEAN_NOISE:
        return Choice(EVERYDAY, f"looks noisy ({condition.noise:.1f} levels)")
    if condition.blocks >= CLEAN_BLOCKS:
        return Choice(EVERYDAY, "shows the blocks of JPEG")
    return Choice(CLEAN, "looks clean")
