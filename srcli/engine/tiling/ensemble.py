"""Self-ensemble: a window goes through the generator flipped and turned, and the results become one.

Source: Timofte, Rothe and Van Gool, "Seven ways to improve example-based single image super resolution",
CVPR 2016, section 3.6; as EDSR+ (Lim et al., "Enhanced deep residual networks", CVPRW 2017, section 3.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from srcli.core.arrays import Batch, Planes
    from srcli.core.rows import Band
    from srcli.engine.inference.traits import Traits

SIZES = (1, 2, 4, 8)
MEAN, MEDIAN = "mean", "median"


@dataclass(frozen=True, slots=True)
class Ensemble:
    """How often a window goes through, and what is made of the results.

    Attributes:
        size: 1 for the window as it is; 2 flips it left to right as well, 4 also top to bottom, 8 also swaps
            rows and columns.
        by: ``mean`` or ``median`` of each value.
    """

    size: int = 1
    by: str = MEAN

    def __post_init__(self) -> None:
        if self.size not in SIZES:
            raise UsageError(f"an ensemble of {self.size} can't be made", hint="choose 2, 4 or 8")
        if self.by not in (MEAN, MEDIAN):
            raise UsageError(f"unknown ensemble '{self.by}'", hint=f"choose {MEAN} or {MEDIAN}")

    def __str__(self) -> str:
        return f"{self.by} of {self.size}"

    @property
    def held(self) -> int:
        """How many results of a window are in memory at a time, beside the one being computed."""
        return self.size if self.by == MEDIAN else min(1, self.size - 1)

    def check(self, traits: Traits) -> None:
        """See that a generator takes all orientations.

        Raises:
            UsageError: it takes pictures of one size only, and not of the same size lying down.
        """
        fixed = traits.fixed_size
        if self.size == 8 and fixed is not None and fixed.height != fixed.width:
            raise UsageError(f"the generator takes {fixed} only, and not lying down", hint="--ensemble 4")

    def run(
        self, windows: Iterable[Batch], run: Callable[[Iterable[Batch]], Iterator[Band]]
    ) -> Iterator[Planes]:
        """Enlarge windows in order.

        Args:
            windows: each (1, 3, h, w) float32.
            run: gives (s*h, s*w, 3) float32 for each window, in order.

        Yields:
            (s*h, s*w, 3) float32 for each window.
        """
        results = run(_turned(window, index) for window in windows for index in range(self.size))
        for first in results:
            # The range ends first, so that the next window's first result stays where it is.
            yield self._combine(first, map(_turned_back, range(1, self.size), results))

    def _combine(self, first: Planes, others: Iterator[Planes]) -> Planes:
        if self.by == MEDIAN:
            middle: Planes = np.median(np.stack([first, *others]), axis=0)
            return middle
        total = first.copy()
        for other in others:
            total += other
        total /= self.size
        return total


def _turned(window: Batch, index: int) -> Batch:
    """A window in one of its orientations; the bits of the index say which."""
    if index & 4:
        window = window.swapaxes(2, 3)
    return np.ascontiguousarray(window[:, :, _step(index & 2), _step(index & 1)])


def _turned_back(index: int, result: Planes) -> Planes:
    """A result (height, width, 3) as its window was: a view."""
    straight = result[_step(index & 2), _step(index & 1)]
    return straight.swapaxes(0, 1) if index & 4 else straight


def _step(flips: int) -> slice:
    return slice(None, None, -1 if flips else None)
