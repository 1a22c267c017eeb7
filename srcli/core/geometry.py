"""Sizes of pictures; order is always height, width."""

from __future__ import annotations

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
