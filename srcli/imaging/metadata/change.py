"""What happens to a picture's geometry between its file and the file that is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcli.imaging.pixels.orientation import baked_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.core.geometry import Size


@dataclass(frozen=True, slots=True)
class Change:
    """A picture is turned upright, then enlarged; what counts its pixels has to follow.

    Attributes:
        orientation: EXIF orientation 1..8 that was baked into the pixels.
        before: the size as it was stored.
        after: the size that is written.
    """

    orientation: int
    before: Size
    after: Size

    @property
    def turned(self) -> bool:
        """Whether anything but the size changes."""
        return self.orientation != 1

    @property
    def swaps(self) -> bool:
        """Whether height and width change places."""
        return self.orientation in (5, 6, 7, 8)

    @property
    def upright(self) -> Size:
        """The size once the picture is upright."""
        return baked_size(self.before, self.orientation)

    @property
    def across(self) -> float:
        """How many pixels of the new file stand beside one another for one that was upright."""
        return self.after.width / self.upright.width

    @property
    def down(self) -> float:
        """The same from top to bottom."""
        return self.after.height / self.upright.height

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Where a point goes; shares of width and height, from the upper left corner."""
        if self.swaps:
            x, y = y, x
        if self.orientation in (3, 4, 7, 8):
            y = 1 - y
        if self.orientation in (2, 3, 6, 7):
            x = 1 - x
        return x, y

    def extent(self, width: float, height: float) -> tuple[float, float]:
        """What a width and a height become; shares of those of the picture."""
        return (height, width) if self.swaps else (width, height)

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        """Where a point goes that is counted in pixels."""
        across, down = self.point(x / self.before.width, y / self.before.height)
        return across * self.after.width, down * self.after.height

    def pixels(self, width: float, height: float) -> tuple[float, float]:
        """What a width and a height in pixels become."""
        across, down = self.extent(width / self.before.width, height / self.before.height)
        return across * self.after.width, down * self.after.height

    def subject(self, numbers: Sequence[int]) -> list[int]:
        """Where the subject is: x and y; with a diameter; or with width and height (EXIF 2.32, 4.6.5)."""
        x, y, *extent = numbers
        width, height = self.pixels(extent[0], extent[-1]) if extent else (0.0, 0.0)
        return [round(number) for number in (*self.pixel(x, y), width, height)][: len(numbers)]
