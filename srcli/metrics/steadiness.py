"""How steady a video is over time, against the video that it should be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from srcli.metrics.pairs import check_pair, row_strips

if TYPE_CHECKING:
    from srcli.core.arrays import Planes

STILL_LEVELS = 1.0
"""In 8-bit levels: a pixel of the reference that changes by no more stands still."""
_LEVELS = 255.0


@dataclass(slots=True)
class Steadiness:
    """Adds up what changes from frame to frame, whatever the number of frames.

    Two figures come of it. ``t_psnr_db`` compares the change of the result with the change of the reference
    everywhere: PSNR of temporal differences. ``flicker_levels`` looks at what stands still in the reference,
    as flicker of video codecs is measured (Fan, Gao, Lu, Zhao: "Flicking reduction in all intra frame
    coding", JVT-E070, 2002, which sums differences of frame differences over blocks that stand still):
    how many 8-bit levels a pixel of the result changes there, on average.

    Attributes:
        data_range: the largest possible value minus the smallest.
    """

    data_range: float
    _before: tuple[Planes, Planes] | None = None
    _error: float = 0.0
    _values: int = 0
    _trembling: float = 0.0
    _still: int = 0

    def add(self, result: Planes, reference: Planes) -> None:
        """Take the next frame of both, (height, width, channels) floats of one shape.

        Raises:
            InputError: the shapes differ, or are empty.
            UsageError: ``data_range`` is not positive.
        """
        result, reference = check_pair(result, reference, self.data_range)
        if self._before is not None:
            self._compare(result, reference, *self._before)
        self._before = (result, reference)

    def _compare(
        self, result: Planes, reference: Planes, result_before: Planes, reference_before: Planes
    ) -> None:
        limit = STILL_LEVELS * self.data_range / _LEVELS
        for rows in row_strips(result):
            change = result[rows].astype(np.float64) - result_before[rows]
            wanted = reference[rows].astype(np.float64) - reference_before[rows]
            self._error += float(np.sum((change - wanted) ** 2))
            still = np.abs(wanted) <= limit
            self._trembling += float(np.sum(np.abs(change), where=still))
            self._still += int(np.count_nonzero(still))
        self._values += result.size

    @property
    def t_psnr_db(self) -> float:
        """``10 log10(data_range^2 / mean(((O_t - O_{t-1}) - (R_t - R_{t-1}))^2))`` over all frames, in dB.

        Infinite where all changes are the same; NaN for fewer than two frames.
        """
        if not self._values:
            return math.nan
        error = self._error / self._values
        return math.inf if error == 0.0 else 10.0 * math.log10(self.data_range**2 / error)

    @property
    def flicker_levels(self) -> float:
        """Mean change in 8-bit levels where the reference stands still; NaN where it nowhere does."""
        if not self._still:
            return math.nan
        return self._trembling / self._still * _LEVELS / self.data_range
