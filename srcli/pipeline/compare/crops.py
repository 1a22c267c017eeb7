"""Which parts of a picture to look at closely."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from srcli.core.errors import UsageError
from srcli.core.geometry import Size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.core.arrays import Planes

_SMALLEST_SIDE = 16
# A quarter of the picture's width, within these bounds, at 4:3.
_NARROWEST, _WIDEST = 48, 128
# Close-ups lie at least this part of the picture from one another: one busy corner is not the picture.
_APART = 6


class Box(NamedTuple):
    """A part of the large picture, in its pixels, from the top left."""

    x: int
    y: int
    width: int
    height: int

    def of(self, planes: Planes) -> Planes:
        """The part of a picture."""
        return planes[self.y : self.y + self.height, self.x : self.x + self.width]

    def __str__(self) -> str:
        """As ``--crop`` takes it."""
        return ",".join(map(str, self))


def parse_box(text: str) -> Box:
    """Read ``x,y,width,height``.

    Raises:
        UsageError: it is something else, or too small to be seen.
    """
    parts = text.split(",")
    if len(parts) != 4 or not all(part.strip().isascii() and part.strip().isdigit() for part in parts):
        raise UsageError(f"a crop is x,y,width,height in pixels of the result, not '{text}'")
    box = Box(*map(int, parts))
    if min(box.width, box.height) < _SMALLEST_SIDE:
        raise UsageError(f"the crop {text} is smaller than {_SMALLEST_SIDE}x{_SMALLEST_SIDE}")
    return box


def check_boxes(boxes: Sequence[Box], size: Size) -> None:
    """See to it that every crop lies in the picture.

    Raises:
        UsageError: one doesn't.
    """
    for box in boxes:
        if box.x + box.width > size.width or box.y + box.height > size.height:
            raise UsageError(f"the crop {box} reaches beyond the result, which is {size}")


def choose_boxes(versions: Sequence[Planes], count: int) -> tuple[Box, ...]:
    """Find the parts where versions of a picture differ most, spread over the picture.

    Args:
        versions: (height, width, channels) float32, all of one shape.
        count: how many parts; fewer are found in a small picture.

    Returns:
        The parts, the most different first.
    """
    height, width = versions[0].shape[:2]
    side = min(max(width // 4, _NARROWEST), _WIDEST)
    size = Size(min(side * 3 // 4, height), min(side, width))
    apart = Size(max(size.height, height // _APART), max(size.width, width // _APART))
    scores = _box_sums(_spread(versions), size)
    boxes: list[Box] = []
    while len(boxes) < count and np.isfinite(scores).any():
        y, x = (int(place) for place in np.unravel_index(np.argmax(scores), scores.shape))
        boxes.append(Box(x, y, size.width, size.height))
        top, left = max(0, y - apart.height + 1), max(0, x - apart.width + 1)
        scores[top : y + apart.height, left : x + apart.width] = -np.inf
    return tuple(boxes)


def _spread(versions: Sequence[Planes]) -> npt.NDArray[np.float64]:
    """How much versions differ at each pixel: the variance over them, (height, width)."""
    total = np.zeros(versions[0].shape[:2])
    squares = np.zeros_like(total)
    for version in versions:
        grey = version.mean(axis=2, dtype=np.float64)
        total += grey
        squares += grey**2
    spread: npt.NDArray[np.float64] = squares / len(versions) - (total / len(versions)) ** 2
    return spread


def _box_sums(values: npt.NDArray[np.float64], size: Size) -> npt.NDArray[np.float64]:
    """Sums over every box of a size, by its top left corner (Crow, SIGGRAPH 1984)."""
    table = np.pad(values.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    high, wide = size
    sums: npt.NDArray[np.float64] = (
        table[high:, wide:] - table[:-high, wide:] - table[high:, :-wide] + table[:-high, :-wide]
    )
    return sums
