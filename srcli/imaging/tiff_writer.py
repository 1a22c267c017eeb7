"""TIFF files of every mode and depth that srcli knows, deflated, little-endian (TIFF 6.0).

Pillow writes no 16-bit colour and libvips no EXIF, so neither could write all that a TIFF file holds.
"""

from __future__ import annotations

import struct
import zlib
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from srcli.imaging import tiff_fields
from srcli.imaging.picture import Mode
from srcli.imaging.tiff_fields import Directory, Field, build_directory, long, parse_block, rational, short

if TYPE_CHECKING:
    from srcli.imaging.encoding import Encoding
    from srcli.imaging.picture import Metadata
    from srcli.imaging.samples import Samples

_STRIP_BYTES = 2**18
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


def encode_tiff(samples: Samples, encoding: Encoding) -> bytes:
    """A TIFF file of 8 or 16 bits, with its metadata."""
    rows = max(1, _STRIP_BYTES // (samples[0].nbytes or 1))
    strips = [_compress(samples[top : top + rows]) for top in range(0, len(samples), rows)]
    directory = _metadata_fields(encoding.metadata)
    directory.fields |= _pixel_fields(samples, encoding, rows)
    directory.fields |= _place(strips)
    body = b"".join(strips)
    body += b"\0" * (len(body) % 2)
    start = 8 + len(body)
    return b"II*\0" + struct.pack("<I", start) + body + build_directory(directory, start)


def _compress(strip: Samples) -> bytes:
    """Differences between horizontal neighbours, which wrap around, then deflate."""
    differences = strip.copy()
    differences[:, 1:] -= strip[:, :-1]
    return zlib.compress(differences.astype(strip.dtype.newbyteorder("<"), copy=False).tobytes())


def _place(strips: list[bytes]) -> dict[int, Field]:
    sizes = [len(strip) for strip in strips]
    return {273: long(*(8 + int(end) for end in np.cumsum([0, *sizes[:-1]]))), 279: long(*sizes)}


def _pixel_fields(samples: Samples, encoding: Encoding, rows: int) -> dict[int, Field]:
    height, width, channels = samples.shape
    fields = {
        256: long(width),
        257: long(height),
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
