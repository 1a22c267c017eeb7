"""What the pipeline asks of whatever makes planes larger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from srcli.core.events import Progress, silent
from srcli.engine.tiling.blend import FLOATS

if TYPE_CHECKING:
    from srcli.core.arrays import Planes
    from srcli.core.card import ModelCard
    from srcli.core.pixel_format import PixelFormat
    from srcli.core.rows import Rows
    from srcli.engine.tiling.tiled import TiledReport


class Run(Protocol):
    """A picture on its way through a generator."""

    @property
    def rows(self) -> Rows:
        """The result, which is computed as it is read."""

    @property
    def tiles(self) -> int:
        """Number of tiles that it takes."""

    def report(self) -> TiledReport:
        """How it went."""


class Enlarger(Protocol):
    """A generator, as far as one picture's way through it is concerned."""

    @property
    def card(self) -> ModelCard:
        """What is known about it."""

    @property
    def scale(self) -> int:
        """The integer factor."""

    def start(
        self,
        planes: Rows,
        progress: Progress = silent,
        *,
        pixels: PixelFormat[Planes] = FLOATS,
        source: Rows | None = None,
    ) -> Run:
        """Plan a picture's way.

        Args:
            planes: bands (any height, width, 3) float32, 0..1.
            progress: told of each tile.
            pixels: what finished pixels are to be; float32 by default.
            source: what ``planes`` were made from by generators before this one, for a look at the whole.
        """
