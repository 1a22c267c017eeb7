"""How near a larger picture, shrunk back, is to the small one that it was made from."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from srcli.imaging.colour.profiles import is_srgb, to_srgb
from srcli.imaging.picture import Mode
from srcli.imaging.pixels.alpha import over_grey
from srcli.metrics.ciede2000 import ciede2000, srgb_to_lab

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.core.arrays import Planes
    from srcli.core.geometry import Size
    from srcli.core.rows import Band
    from srcli.imaging.picture import PictureInfo

AREA = 16
"""Side of the areas whose colours are compared, in input pixels, or nearly: they divide a picture evenly."""

LIMIT = 2.0
"""CIEDE2000 beyond which a pixel counts as changed: seen at a glance where the two lie side by side."""


@dataclass(frozen=True, slots=True)
class Fidelity:
    """How faithful a result is: the result shrunk by MATLAB's bicubic against the input.

    Attributes:
        psnr_db: over all colour samples, before they are rounded; infinite where nothing differs.
        mean_change: mean CIEDE2000 of areas of ``AREA`` x ``AREA`` input pixels.
        largest_change: of the area that changed most.
        beyond_share: share of the pixels whose CIEDE2000 is above ``LIMIT``.
        space: the colour space that CIEDE2000 was computed in.
        corrected_levels: mean and largest correction of colours, in levels of 1/255; None where nothing was
            to be corrected.
    """

    psnr_db: float
    mean_change: float
    largest_change: float
    beyond_share: float
    space: str
    corrected_levels: tuple[float, float] | None = None

    def to_json(self) -> dict[str, Any]:
        """JSON-ready values; an infinite PSNR is null."""
        psnr_db = round(self.psnr_db, 3) if math.isfinite(self.psnr_db) else None
        rounded = {name: round(value, 4) for name, value in asdict(self).items() if isinstance(value, float)}
        moved = self.corrected_levels and [round(level, 4) for level in self.corrected_levels]
        return {
            **rounded,
            "psnr_db": psnr_db,
            "limit": LIMIT,
            "area": AREA,
            "space": self.space,
            "corrected_levels": moved,
        }


def worst_of(frames: Sequence[Fidelity]) -> Fidelity:
    """An animation's: the PSNR of its worst frame, the means of the means, the largest of the largest."""
    corrections = [frame.corrected_levels for frame in frames if frame.corrected_levels]
    return replace(
        frames[0],
        psnr_db=min(frame.psnr_db for frame in frames),
        mean_change=float(np.mean([frame.mean_change for frame in frames])),
        largest_change=max(frame.largest_change for frame in frames),
        beyond_share=float(np.mean([frame.beyond_share for frame in frames])),
        corrected_levels=(
            float(np.mean([mean for mean, _ in corrections])),
            max(largest for _, largest in corrections),
        )
        if corrections
        else None,
    )


def space_of_change(info: PictureInfo) -> str:
    """The space in which colour changes of a picture are computed, in words."""
    if info.mode is Mode.CMYK:
        return "CIELAB D65 of sRGB, inks taken as ideal filters"
    icc = info.metadata.icc
    if icc is None or info.mode is Mode.GREY or is_srgb(icc):
        return "CIELAB D65 of sRGB"
    return "CIELAB D65 of sRGB, the file's own profile not applied"


class FidelityMeter:
    """Adds up the figures of one picture, some rows at a time.

    Args:
        size: of the input.
        has_alpha: whether the last channel is alpha; colours are then compared over mid-grey.
        space: see ``Fidelity``.
    """

    def __init__(self, size: Size, *, has_alpha: bool, space: str) -> None:
        self._has_alpha = has_alpha
        self._space = space
        self._areas = _Areas(size)
        self._squares = 0.0
        self._samples = 0
        self._pixels = size.pixels
        self._beyond = 0

    def add(self, low: Band, back: Band) -> None:
        """Compare the next rows.

        Args:
            low: (any height, width, channels) float32, of the input, 0..1.
            back: the same rows of the result, shrunk.
        """
        ours, theirs = self._visible(low), self._visible(back)
        difference = theirs.astype(np.float64) - ours
        self._squares += float(np.square(difference).sum())
        self._samples += difference.size
        ours, theirs = _as_rgb(ours), _as_rgb(theirs)
        changes = ciede2000(srgb_to_lab(ours), srgb_to_lab(theirs))
        self._beyond += int((changes > LIMIT).sum())
        self._areas.add(np.concatenate((ours, theirs), axis=2))

    def result(self, corrected_levels: tuple[float, float] | None = None) -> Fidelity:
        """The figures, once all rows were added."""
        mean_square = self._squares / self._samples
        return Fidelity(
            psnr_db=-10 * math.log10(mean_square) if mean_square else math.inf,
            mean_change=self._areas.total / self._areas.count,
            largest_change=self._areas.largest,
            beyond_share=self._beyond / self._pixels,
            space=self._space,
            corrected_levels=corrected_levels,
        )

    def _visible(self, planes: Band) -> Planes:
        # A cubic overshoots a little; no file holds that.
        planes = np.clip(planes, 0.0, 1.0)
        return over_grey(planes[:, :, :-1], planes[:, :, -1]) if self._has_alpha else planes


class _Areas:
    """Colour changes of areas, whose rows come bit by bit."""

    def __init__(self, size: Size) -> None:
        rows, columns = (_edges(side) for side in size)
        self._heights = iter(np.diff(rows).tolist())
        self._columns = columns
        self._due = next(self._heights)
        self._held: list[Planes] = []
        self._height = 0
        self.total = 0.0
        self.largest = 0.0
        self.count = 0

    def add(self, pair: Planes) -> None:
        """Take (any height, width, 6) rows: RGB of the input, then of the result."""
        while len(pair):
            part = pair[: self._due - self._height]
            self._held.append(part)
            self._height += len(part)
            pair = pair[len(part) :]
            if self._height == self._due:
                self._finish()

    def _finish(self) -> None:
        sums = sum(part.sum(axis=0, dtype=np.float64) for part in self._held)
        widths = np.diff(self._columns)[:, None] * self._height
        means = np.add.reduceat(sums, self._columns[:-1], axis=0) / widths
        changes = ciede2000(srgb_to_lab(means[:, :3]), srgb_to_lab(means[:, 3:]))
        self.total += float(changes.sum())
        self.count += len(changes)
        self.largest = max(self.largest, float(changes.max()))
        self._held, self._height = [], 0
        self._due = next(self._heights, 0)


def areas_along(side: int) -> int:
    """How many areas lie along a side of the input."""
    return max(1, round(side / AREA))


def _edges(side: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    count = areas_along(side)
    return np.arange(count + 1) * side // count


def _as_rgb(colour: Planes) -> Planes:
    """Grey in three channels; inks as ideal filters."""
    return np.repeat(colour, 3, axis=2) if colour.shape[2] == 1 else to_srgb(colour, None)
