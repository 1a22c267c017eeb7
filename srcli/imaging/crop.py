"""A part of a picture."""

from __future__ import annotations

from dataclasses import dataclass

from srcli.core.geometry import Size


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
