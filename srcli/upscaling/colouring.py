"""Colour for grey pictures: a generator sees a small view of the whole, and its chroma follows the luma.

So the colours of a place are those of the whole picture, whatever its size, there are no tiles whose colours
could differ, and the luma of every pixel stays what it was.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.arrays import to_batch
from srcli.core.errors import InputError, UnsuitableModel
from srcli.core.geometry import Size
from srcli.core.rows import Rows, abreast, rows_of, whole
from srcli.engine.tiling.tiled import TiledReport
from srcli.imaging.colour.chroma import (
    colour_beyond_tint,
    follow_lines,
    lines_over_luma,
    take_chroma,
    take_luma,
    with_chroma,
)
from srcli.imaging.pixels.resize import resize_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.core.arrays import Planes
    from srcli.core.events import Progress
    from srcli.core.pixel_format import PixelFormat
    from srcli.core.rows import Band
    from srcli.engine.sessions.session import Session

VIEW = Size(160, 160)
"""Of a generator that takes any size."""
ROWS = 256
"""Rows that count as a tile."""
COLOURED = 0.012
"""Distance of chroma from the tint of its luma from which a picture counts as coloured: three levels. A sepia
with noise, saved as JPEG of quality 70, has up to 0.008, grey none; 46 of 52 photographs have more."""


class ColouredAlready(InputError):
    """A picture that is to be given colour has some."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} has colours already", hint="add --force-colour to give it others in their place"
        )


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Say of which picture it was that it has colours already."""
    try:
        yield
    except ColouredAlready as error:
        raise ColouredAlready(name) from error


class ColourRun:
    """A picture on its way to its colours.

    Args:
        planes: the picture, in bands (any height, W, 3) float32, RGB, 0..1; its luma counts.
        source: the picture that is looked at as a whole: the same, or that from which it was made.
        session: of the generator.
        progress: told of the tiles that rows have come to.
        pixels: what finished pixels are to be.
        force: whether pictures that have colours already are taken.

    Attributes:
        rows: the result, in bands (any height, W, channels) in ``pixels``. Reading it raises
            ``ColouredAlready`` for a picture that has colours, and ``UnsuitableModel``
            when the generator gives none.
        tiles: number of tiles that progress counts.
    """

    def __init__(
        self,
        planes: Rows,
        source: Rows,
        session: Session,
        *,
        progress: Progress,
        pixels: PixelFormat[Planes],
        force: bool,
    ) -> None:
        self._planes = planes
        self._source = source
        self._session = session
        self._progress = progress
        self._pixels = pixels
        self._force = force
        self.tiles = -(-planes.size.height // ROWS)
        self.rows = Rows(planes.size, self._read)

    def report(self) -> TiledReport:
        """How it went."""
        size, session = self._planes.size, self._session
        window = Size(min(ROWS, size.height), size.width)
        return TiledReport(window, self.tiles, 0, 0, session.precision, session.notes)

    def _read(self, start: int) -> Iterator[Band]:
        raised = resize_rows(rows_of(self._lines), self._planes.size, self._lines.shape[2], method="bilinear")
        below = start
        for band, lines in abreast(self._planes.thin(), raised)(start):
            luma = take_luma(band)
            yield self._pixels.convert(with_chroma(luma, follow_lines(luma, lines)))
            below += len(band)
            self._progress(-(-below // ROWS), self.tiles)

    @cached_property
    def _lines(self) -> Planes:
        """How chroma follows luma, (view height, view width, 4)."""
        size = self._session.traits.fixed_size or VIEW
        # Not stretched kernels alone: those of a bicubic overshoot, and the generator learnt without.
        view = whole(resize_rows(self._source, size, 3, method="bilinear"))
        if not self._force and colour_beyond_tint(view) > COLOURED:
            raise ColouredAlready("the picture")
        made = self._session.run(to_batch(np.clip(view, 0.0, 1.0)))[0].transpose(1, 2, 0)
        if not np.isfinite(made).all():
            raise UnsuitableModel("the generator gives no colours: its output is no number")
        return lines_over_luma(take_luma(view), take_chroma(made))
