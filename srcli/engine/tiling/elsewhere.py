"""Rows of windows that are computed elsewhere: what goes there and what comes back, which can be pickled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from srcli.core.arrays import Planes
    from srcli.core.geometry import Size
    from srcli.core.rows import Band
    from srcli.engine.tiling.ensemble import Ensemble
    from srcli.engine.tiling.tiled import TiledReport


@dataclass(frozen=True, slots=True)
class TilingPlan:
    """How a picture is cut: the same grid of windows wherever it is planned.

    Attributes:
        size: of the picture, padded to what the generator takes.
        window: the shape of the windows.
        overlap: input pixels that are dropped at each cut edge of a window.
        explicit: whether a person chose the window.
        rounds: whether finished pixels are 8-bit levels and nothing else.
        ensemble: the orientations in which each window goes through.
    """

    size: Size
    window: Size
    overlap: int
    explicit: bool
    rounds: bool
    ensemble: Ensemble | None


@dataclass(frozen=True, slots=True)
class RowOfWindows:
    """The input of one row of windows.

    Attributes:
        index: which row of the grid.
        top: the row of the picture that the pixels begin with.
        pixels: (height, width of the picture, 3) float32, RGB, 0..1.
    """

    index: int
    top: int
    pixels: Planes


@dataclass(frozen=True, slots=True)
class RowOfPatches:
    """What the windows of a row contribute.

    Attributes:
        patches: of each window, from left to right: float32 or finished 8-bit levels.
        report: how it went, with ``tiles`` of the whole picture.
        device: what ran the generator.
        provider: by which provider.
        runtime: in which version.
    """

    patches: tuple[Band, ...]
    report: TiledReport
    device: str
    provider: str
    runtime: str


Elsewhere: TypeAlias = Callable[[TilingPlan, Iterator[RowOfWindows]], Iterator[RowOfPatches]]
"""Computes rows of windows, and gives them in their order; it may take some ahead."""
