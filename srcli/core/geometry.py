"""Sizes of pictures; order is always height, width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Size(NamedTuple):
    """Height and width in pixels."""

    height: int
    width: int

    @property
    def pixels(self) -> int:
        """Number of pixels."""
        return self.height * self.width

    def scaled(self, factor: int) -> Size:
        """This size times a whole factor."""
        return Size(self.height * factor, self.width * factor)

    def __str__(self) -> str:
        """Width first, as people write sizes: ``640x480``."""
        return f"{self.width}x{self.height}"


def round_up(value: int, multiple: int) -> int:
    """The next multiple at or above a value."""
    return -(-value // multiple) * multiple


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of a picture in pixels: the first column and row, and those behind the last."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def size(self) -> Size:
        """Height and width of the part."""
        return Size(self.bottom - self.top, self.right - self.left)
