"""TIFF files of every mode and depth that srcli knows, deflated, little-endian (TIFF 6.0).

Pillow writes no 16-bit colour and libvips no EXIF, so neither could write all that a TIFF file holds.
"""

from __future__ import annotations

import struct
from fractions import Fraction
from functools import partial
from os import SEEK_END
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from zlib_ng import zlib_ng

from srcli.imaging import tiff_fields
from srcli.imaging.parallel import Crew
from srcli.imaging.picture import Mode
from srcli.imaging.tiff_fields import (
    Directory,
    Field,
    build_directory,
    long,
    long8,
    parse_block,
    rational,
    short,
)

if TYPE_CHECKING:
    from srcli.core.geometry import Size
    from srcli.imaging.encoding import Encoding
    from srcli.imaging.picture import Metadata
    from srcli.imaging.samples import Samples

_STRIP_BYTES = 2**18
# 54 MB/s a core, and files 3 in a hundred larger than at level 6, which reaches 27 (and zlib itself 12).
_LEVEL = 4
# What deflate and the fields may add to 4 GiB is far below this distance.
_CLASSIC_BYTES = 2**32 - 2**24
_PHOTOMETRIC = {Mode.GREY: 1, Mode.RGB: 2, Mode.CMYK: 5}
_DEFLATE, _DIFFERENCES, _STRAIGHT_ALPHA, _INCH = 8, 2, 2, 2
_XMP, _IPTC, _ICC = 700, 33723, 34675

# Fields about how pixels are stored, which describe the file that they were read from and no other.
STRUCTURAL_TAGS = frozenset(
    {254, 255, 256, 257, 258, 259, 262, 263, 266, 273, 274, 277, 278, 279, 280, 281, 284, 290, 291, 292, 293}
    | {
        297,
        301,
        317,
        318,
        319,
        320,
        321,
        322,
        323,
        324,
        325,
        330,
        332,
        333,
        334,
        336,
        338,
        339,
        340,
        341,
        347,
    }
    | {512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532, _XMP, _IPTC, 34377, _ICC}
)


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
        self._big = size.height * row_bytes > _CLASSIC_BYTES
        self._rows = max(1, _STRIP_BYTES // row_bytes)
        self._rest: Samples | None = None
        self._sizes: list[int] = []
        self._crew: Crew[bytes] = Crew()
        if resumed:
            self._sizes = list(resumed["strips"])
            return
        # Where the directory begins is known at the end only.
        stream.write(self._header(0))

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
        for strip in self._crew.drain():
            self._place(strip)
        return {"rows": len(self._sizes) * self._rows, "strips": self._sizes}

    def finish(self) -> None:
        """Write what is left, and the fields."""
        if self._rest is not None:
            self._add(self._rest)
        for strip in self._crew.drain():
            self._place(strip)
        start = len(self._header(0)) + sum(self._sizes)
        self._stream.write(b"\0" * (start % 2))
        start += start % 2
        directory = _metadata_fields(self._encoding.metadata)
        directory.fields |= _pixel_fields(self._size, self._encoding, self._rows)
        directory.fields |= self._strips()
        self._stream.write(build_directory(directory, start, big=self._big))
        self._stream.seek(0)
        self._stream.write(self._header(start))
        self._stream.seek(0, SEEK_END)

    def close(self) -> None:
        """End the threads."""
        self._crew.close()

    def _add(self, strip: Samples) -> None:
        for compressed in self._crew.add(partial(_compress, strip)):
            self._place(compressed)

    def _place(self, strip: bytes) -> None:
        self._sizes.append(len(strip))
        self._stream.write(strip)

    def _header(self, start: int) -> bytes:
        if self._big:
            return b"II+\0" + struct.pack("<HHQ", 8, 0, start)
        return b"II*\0" + struct.pack("<I", start)

    def _strips(self) -> dict[int, Field]:
        first = len(self._header(0))
        places = (first + int(end) for end in np.cumsum([0, *self._sizes[:-1]]))
        return {273: (long8 if self._big else long)(*places), 279: long(*self._sizes)}


def _compress(strip: Samples) -> bytes:
    """Differences between horizontal neighbours, which wrap around, then deflate."""
    differences = strip.copy()
    differences[:, 1:] -= strip[:, :-1]
    little = differences.astype(strip.dtype.newbyteorder("<"), copy=False)
    return zlib_ng.compress(little.data, _LEVEL)


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


def _metadata_fields(metadata: Metadata) -> Directory:
    directory = parse_block(metadata.exif) if metadata.exif else Directory()
    for tag in STRUCTURAL_TAGS & directory.fields.keys():
        del directory.fields[tag]
    if metadata.dpi:
        directory.fields |= {282: _dots(metadata.dpi[0]), 283: _dots(metadata.dpi[1]), 296: short(_INCH)}
    blocks = {
        _XMP: (tiff_fields.BYTE, metadata.xmp),
        _IPTC: (tiff_fields.UNDEFINED, metadata.iptc),
        _ICC: (tiff_fields.UNDEFINED, metadata.icc),
    }
    directory.fields |= {tag: Field(kind, block) for tag, (kind, block) in blocks.items() if block}
    return directory


def _dots(per_inch: float) -> Field:
    fraction = Fraction(per_inch).limit_denominator(1000)
    return rational(fraction.numerator, fraction.denominator)
