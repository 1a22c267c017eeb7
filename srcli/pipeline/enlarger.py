"""What the pipeline asks of whatever makes planes larger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from srcli.core.progress import Progress, silent

if TYPE_CHECKING:
    from srcli.core.arrays import Planes
    from srcli.core.card import ModelCard
    from srcli.engine.tiled import TiledReport


class Enlarger(Protocol):
    """A generator, as far as one picture's way through it is concerned."""

    @property
    def card(self) -> ModelCard:
        """What is known about it."""

    @property
    def scale(self) -> int:
        """The integer factor."""

    def run(self, planes: Planes, progress: Progress = silent) -> tuple[Planes, TiledReport]:
        """(height, width, 3) float32 to (scale x height, scale x width, 3) float32, both 0..1."""
