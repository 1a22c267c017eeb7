"""TIFF files of every mode and depth that srcli knows, deflated (TIFF 6.0).

The order of bytes is that of the EXIF block, which stands at the start of the file, so that each of its
values keeps its offset: maker notes count from there.

Pillow writes no 16-bit colour and libvips no EXIF, so neither could write all that a TIFF file holds;
nor does any library let values stay where they are.
"""

from __future__ import annotations

import struct
from functools import partial
from os import SEEK_END
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from zlib_ng import zlib_ng

from srcli.imaging.containers.tiff_fields import Field, build_directory, long, long8, short
from srcli.imaging.metadata.tiff import directory_of_metadata, layout_of_metadata
from srcli.imaging.picture import Mode
from srcli.imaging.writers.parallel import OrderedPool

if TYPE_CHECKING:
    from srcli.core.geometry import Size
    from srcli.imaging.containers.tiff_fields import Layout, Order
    from srcli.imaging.picture import Metadata
    from srcli.imaging.pixels.samples import Samples
    from srcli.imaging.writers.encoding import Encoding

_STRIP_BYTES = 2**18
# 54 MB/s a core, and files 3 in a hundred larger than at level 6, which reaches 27 (and zlib itself 12).
_LEVEL = 4
# What deflate and the fields may add to 4 GiB is far below this distance.
_CLASSIC_BYTES = 2**32 - 2**24
_PHOTOMETRIC = {Mode.GREY: 1, Mode.RGB: 2, Mode.CMYK: 5}
_DEFLATE, _DIFFERENCES, _STRAIGHT_ALPHA = 8, 2, 2


class TiffWriter:
    """Writes a TIFF file of 8 or 16 bits from top to bottom, strip by strip; its stream has to be seekable.

    A file that may pass 4 GiB is a BigTIFF (Adobe's TIFF 6.0 with offsets of 64 bits).
    """

    def __init__(
        self, stream: BinaryIO, size: Size, encoding: Encoding, resumed: dict[str, Any] | None = None
    ) -> None:
        self._stream = stream
        self._size = size
        self._encoding = encoding
        row_bytes = size.width * encoding.pixel_bytes
        self._layout = layout_of_metadata(encoding.metadata, big=size.height * row_bytes > _CLASSIC_BYTES)
        self._start = _header(encoding.metadata, self._layout, 0)
        self._rows = max(1, _STRIP_BYTES // row_bytes)
        self._rest: Samples | None = None
        self._sizes: list[int] = []
        self._pool: OrderedPool[bytes] = OrderedPool()
        if resumed:
            self._sizes = list(resumed["strips"])
            return
        # Where the directory begins is known at the end only.
        stream.write(self._start)

    def write(self, rows: Samples) -> None:
        """Take the next rows, (any height, width, channels); they must not change afterwards."""
        if self._rest is not None:
            rows = np.concatenate((self._rest, rows))
        whole = len(rows) // self._rows * self._rows
        for top in range(0, whole, self._rows):
            self._add(rows[top : top + self._rows])
        self._rest = rows[whole:].copy() if whole < len(rows) else None

    def checkpoint(self) -> dict[str, Any]:
        """Bring all whole strips into the stream."""
        for strip in self._pool.drain():
            self._place(strip)
        return {"rows": len(self._sizes) * self._rows, "strips": self._sizes}

    def finish(self) -> None:
        """Write what is left, and the fields."""
        if self._rest is not None:
            self._add(self._rest)
        for strip in self._pool.drain():
            self._place(strip)
        start = len(self._start) + sum(self._sizes)
        self._stream.write(b"\0" * (start % 2))
        start += start % 2
        directory = directory_of_metadata(self._encoding.metadata, self._layout)
        directory.fields |= _pixel_fields(self._size, self._encoding, self._rows)
        directory.fields |= self._strips()
        self._stream.write(build_directory(directory, start, self._layout))
        self._stream.seek(0)
        self._stream.write(_header(self._encoding.metadata, self._layout, start))
        self._stream.seek(0, SEEK_END)

    def close(self) -> None:
        """End the threads."""
        self._pool.close()

    def _add(self, strip: Samples) -> None:
        for compressed in self._pool.add(partial(_compress, strip, self._layout.order)):
            self._place(compressed)

    def _place(self, strip: bytes) -> None:
        self._sizes.append(len(strip))
        self._stream.write(strip)

    def _strips(self) -> dict[int, Field]:
        first = len(self._start)
        places = (first + int(end) for end in np.cumsum([0, *self._sizes[:-1]]))
        return {273: (long8 if self._layout.big else long)(*places), 279: long(*self._sizes)}


def _header(metadata: Metadata, layout: Layout, start: int) -> bytes:
    """What a file begins with: where its directory stands, and the EXIF block, each byte in its own place."""
    head = {"<": b"II", ">": b"MM"}[layout.order]
    if layout.big:
        head += struct.pack(f"{layout.order}HHHQ", 43, 8, 0, start)
    else:
        head += struct.pack(f"{layout.order}HI", 42, start)
    block = (metadata.exif or b"")[len(head) :]
    return head + block + bytes(len(block) % 2)


def _compress(strip: Samples, order: Order) -> bytes:
    """Differences between horizontal neighbours, which wrap around, then deflate."""
    differences = strip.copy()
    differences[:, 1:] -= strip[:, :-1]
    ordered = differences.astype(strip.dtype.newbyteorder(order), copy=False)
    return zlib_ng.compress(ordered.data, _LEVEL)


def _pixel_fields(size: Size, encoding: Encoding, rows: int) -> dict[int, Field]:
    channels = encoding.mode.channels + encoding.has_alpha
    fields = {
        256: long(size.width),
        257: long(size.height),
        258: short(*[encoding.depth] * channels),
        259: short(_DEFLATE),
        262: short(_PHOTOMETRIC[encoding.mode]),
        277: short(channels),
        278: long(rows),
        284: short(1),
        317: short(_DIFFERENCES),
    }
    return fields | ({338: short(_STRAIGHT_ALPHA)} if encoding.has_alpha else {})
