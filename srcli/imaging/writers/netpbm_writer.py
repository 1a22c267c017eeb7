"""Netpbm files, written row by row."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, BinaryIO

from srcli.imaging.picture import Mode

if TYPE_CHECKING:
    from srcli.core.geometry import Size
    from srcli.imaging.pixels.samples import Samples
    from srcli.imaging.writers.encoding import Encoding


class NetpbmWriter:
    """Writes a binary PGM or PPM file from top to bottom, most significant byte first."""

    def __init__(
        self, stream: BinaryIO, size: Size, encoding: Encoding, resumed: dict[str, Any] | None = None
    ) -> None:
        self._stream = stream
        self._done = 0
        if resumed:
            self._done = resumed["rows"]
            return
        kind = 5 if encoding.mode is Mode.GREY else 6
        stream.write(f"P{kind}\n".encode() + _comment_lines(encoding))
        stream.write(f"{size.width} {size.height}\n{2**encoding.depth - 1}\n".encode())

    def write(self, rows: Samples) -> None:
        """Take the next rows, (any height, width, channels)."""
        self._stream.write(rows.astype(rows.dtype.newbyteorder(">"), copy=False).tobytes())
        self._done += len(rows)

    def checkpoint(self) -> dict[str, Any]:
        """All rows are in the stream."""
        return {"rows": self._done}

    def finish(self) -> None:
        """Nothing is left to write."""

    def close(self) -> None:
        """Nothing is left to end."""


def _comment_lines(encoding: Encoding) -> bytes:
    lines = [line for text in encoding.metadata.text for line in re.split(rb"[\r\n]+", text.data)]
    return b"".join(b"# " + line + b"\n" for line in lines if line)
