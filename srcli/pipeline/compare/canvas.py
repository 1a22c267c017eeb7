"""A white sheet to put pictures, frames and words on."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from srcli.imaging.pixels.lettering import draw_words

if TYPE_CHECKING:
    from srcli.core.arrays import Planes
    from srcli.core.geometry import Size

Colour: TypeAlias = tuple[float, float, float]
"""RGB, 0..1."""

INK: Colour = (0.11, 0.12, 0.14)
FADED: Colour = (0.42, 0.44, 0.48)
GOOD: Colour = (0.0, 0.45, 0.2)

_SMALLEST_LETTERS = 8


class Canvas:
    """Pixels to draw on; places are (x, y) of a top left corner."""

    def __init__(self, size: Size) -> None:
        self.planes: Planes = np.ones((*size, 3), np.float32)

    def paste(self, planes: Planes, place: tuple[int, int]) -> None:
        """Put a picture, grey or RGB, onto the sheet."""
        x, y = place
        height, width = planes.shape[:2]
        self.planes[y : y + height, x : x + width] = planes

    def frame(self, place: tuple[int, int], size: Size, colour: Colour, *, thickness: int = 1) -> None:
        """Draw a frame around an area, outside of it as far as the sheet reaches."""
        x, y = place
        for step in range(1, thickness + 1):
            top, left, bottom, right = (
                y - step,
                x - step,
                y + size.height + step - 1,
                x + size.width + step - 1,
            )
            self.planes[max(0, top) : bottom + 1, [max(0, left), min(right, self.planes.shape[1] - 1)]] = (
                colour
            )
            self.planes[[max(0, top), min(bottom, self.planes.shape[0] - 1)], max(0, left) : right + 1] = (
                colour
            )

    def write(
        self,
        words: str,
        place: tuple[int, int],
        *,
        height: int,
        colour: Colour = INK,
        width: int | None = None,
    ) -> None:
        """Write a line of text; smaller than asked for, at last cut, where ``width`` is too narrow."""
        x, y = place
        room = (self.planes.shape[1] - x) if width is None else width
        letters = draw_words(words, height)
        while letters.shape[1] > room and height > _SMALLEST_LETTERS:
            height -= 1
            letters = draw_words(words, height)
        cover = letters[:, :room, None]
        area = self.planes[y : y + cover.shape[0], x : x + cover.shape[1]]
        area += (np.array(colour, np.float32) - area) * cover

    def tag(self, letter: str, place: tuple[int, int], colour: Colour, *, side: int = 20) -> None:
        """Put a white letter on a small square of a colour."""
        x, y = place
        self.planes[y : y + side, x : x + side] = colour
        mask = draw_words(letter, side - 6)
        left, top = x + (side - mask.shape[1]) // 2, y + (side - mask.shape[0]) // 2
        self.write(letter, (left, max(y, top)), height=side - 6, colour=(1.0, 1.0, 1.0))
