"""Which writer takes the rows of a still picture, from top to bottom, to a file of each format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, TypeAlias

import numpy as np

from srcli.imaging.writers.netpbm_writer import NetpbmWriter
from srcli.imaging.writers.png_writer import PngWriter
from srcli.imaging.writers.tiff_writer import TiffWriter
from srcli.imaging.writers.whole_encoders import STILL_ENCODERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from srcli.core.geometry import Size
    from srcli.imaging.pixels.samples import Samples
    from srcli.imaging.writers.encoding import Encoding


Checkpoint: TypeAlias = dict[str, Any]
"""Where a writer can go on: ``rows`` that the stream holds, and what else the writer has to remember."""


class RowWriter(Protocol):
    """Takes a picture from top to bottom; ``close`` ends it, whether it was finished or not."""

    def write(self, rows: Samples) -> None:
        """Take the next rows, (any height, width, channels); they must not change afterwards."""

    def checkpoint(self) -> Checkpoint:
        """Bring rows into the stream, and tell how far it is whole."""

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

    def checkpoint(self) -> Checkpoint:
        """Nothing is written before all rows are there."""
        return {"rows": 0}

    def finish(self) -> None:
        """Encode the picture."""
        self._stream.write(STILL_ENCODERS[self._encoding.format](self._samples, self._encoding))

    def close(self) -> None:
        """Let the rows go."""
        self._samples = self._samples[:0]


ROW_WRITERS: dict[str, Callable[[BinaryIO, Size, Encoding, Checkpoint | None], RowWriter]] = {
    "PNG": PngWriter,
    "TIFF": TiffWriter,
    "PPM": NetpbmWriter,
}
"""Writers that hold no more than some rows. All other formats are encoded whole."""


def open_writer(
    stream: BinaryIO, size: Size, encoding: Encoding, resumed: Checkpoint | None = None
) -> RowWriter:
    """A writer for a still picture.

    Args:
        stream: where it is written; seekable for TIFF.
        size: of the picture.
        encoding: from ``plan_encoding``.
        resumed: where an earlier writer left this stream, which stands at its end; only for ``ROW_WRITERS``.
    """
    if encoding.format in ROW_WRITERS:
        return ROW_WRITERS[encoding.format](stream, size, encoding, resumed)
    return WholeWriter(stream, size, encoding)
