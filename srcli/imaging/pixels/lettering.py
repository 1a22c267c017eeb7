"""Words as pixels, in the typeface that Pillow carries with it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from srcli.core.arrays import Plane


def draw_words(words: str, height: int) -> Plane:
    """Draw one line of text.

    Args:
        words: what to write; characters that the typeface lacks appear as boxes.
        height: of the letters in pixels.

    Returns:
        (lines, columns) float32: how much of each pixel the letters cover, 0..1. All texts of one height have
        the same number of lines.
    """
    font = _font(height)
    ascent, descent = font.getmetrics() if isinstance(font, ImageFont.FreeTypeFont) else (height, 3)
    mask = Image.new("L", (max(1, round(font.getlength(words))), ascent + descent))
    ImageDraw.Draw(mask).text((0, 0), words, fill=255, font=font)
    return np.asarray(mask, np.float32) / np.float32(255)


@cache
def _font(height: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(height)
