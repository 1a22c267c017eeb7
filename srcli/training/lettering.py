"""Text as a picture, for synthetic crops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from srcli.core.arrays import Plane


def draw_lines(lines: list[str], side: int, letter_px: int) -> Plane:
    """Lines of text from the top left, as coverage (side, side), 0..1, antialiased.

    Args:
        lines: what to write, one below the other.
        side: of the square in pixels.
        letter_px: height of the letters.
    """
    canvas = Image.new("L", (side, side))
    font = ImageFont.load_default(size=letter_px)
    ImageDraw.Draw(canvas).multiline_text(
        (letter_px / 4, letter_px / 8), "\n".join(lines), fill=255, font=font
    )
    return np.asarray(canvas, dtype=np.float32) / np.float32(255)
