"""Which writer takes the rows of a still picture, from top to bottom, to a file of each format."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Protocol

import numpy as np

from srcli.imaging.netpbm import NetpbmWriter
from srcli.imaging.png_writer import PngWriter
from srcli.imaging.still import STILL_ENCODERS
from srcli.imaging.tiff_writer import TiffWriter

if TYPE_CHECKING:
    from collections.abc import Callable

    from srcli.core.geometry import Size
    from srcli.imaging.encoding import Encoding
    from srcli.imaging.samples import Samples


class RowWriter(Protocol):
    """Takes a picture from top to bottom; ``close`` ends it, whether it was finished or not."""

    def write(self, rows: Samples) -> None:
        """Take the next rows, (any height, width, channels); they must not change afterwards."""

    def finish(self) -> None:
        """Write what is left, once all rows are there."""

    def close(self) -> None:
        """End what the writer began; the stream stays open."""


class WholeWriter:
    """Gathers all rows for an encoder that wants them at once."""

    def __init__(self, stream: BinaryIO, size: Size, encoding: Encoding) -> None:
        self._stream = stream
        self._encoding = encoding
        channels = encoding.mode.channels + encoding.has_alpha
        self._samples: Samples = np.empty((*size, channels), np.uint8 if encoding.depth == 8 else np.uint16)
        self._done = 0

    def write(self, rows: Samples) -> None:
        """Keep the next rows."""
        self._samples[self._done : self._done + len(rows)] = rows
        self._done += len(rows)

    def finish(self) -> None:
        """Encode the picture."""
        self._stream.write(STILL_ENCODERS[self._encoding.format](self._samples, self._encoding))

    def close(self) -> None:
        """Let the rows go."""
        self._samples = self._samples[:0]


ROW_WRITERS: dict[str, Callable[[BinaryIO, Size, Encoding], RowWriter]] = {
    "PNG": PngWriter,
    "TIFF": TiffWriter,
    "PPM": NetpbmWriter,
}
"""Writers that hold no more than some rows. All other formats are encoded whole."""


def open_writer(stream: BinaryIO, size: Size, encoding: Encoding) -> RowWriter:
    """A writer for a still picture.

    Args:
        stream: where it is written; seekable for TIFF.
        size: of the picture.
        encoding: from ``plan_encoding``.
    """
    return ROW_WRITERS.get(encoding.format, WholeWriter)(stream, size, encoding)
