"""Large pictures, decoded as their rows are needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.core.rows import Rows
from srcli.upscaling.channel import ReadAhead
from srcli.upscaling.enlargement import FrameRows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import ExitStack

    from srcli.core.rows import Band
    from srcli.imaging.decode import PictureFile
    from srcli.imaging.picture import Frame

ROWS_FROM_PIXELS = 2**22
"""Pictures above this are decoded as their rows are needed, smaller ones at once."""


def read_in_rows(picture: PictureFile, resources: ExitStack) -> FrameRows:
    """A large picture as it is read, a few bands ahead of who takes them.

    Colour and transparency are read apart, each with a decoder of its own.

    Args:
        picture: that can be read in rows.
        resources: where the threads that read are ended, however the work ends.
    """
    info = picture.info

    def rows(part: Callable[[Frame], Band]) -> Rows:
        def read(start: int) -> Iterator[Band]:
            ahead = ReadAhead(part(frame) for frame in picture.bands(start))
            resources.callback(ahead.close)
            return ahead.items()

        return Rows(info.size, read)

    alpha = rows(_alpha_of) if info.has_alpha else None
    return FrameRows(rows(lambda frame: frame.colour), info.mode.channels, alpha)


def _alpha_of(frame: Frame) -> Band:
    assert frame.alpha is not None, "the header promises transparency"
    return frame.alpha[:, :, None]
