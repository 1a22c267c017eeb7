"""PNG files of 16 bits per sample, and TIFF files, through libvips."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from srcli.core.geometry import Size
from srcli.imaging.band_reader import bands_with_vips, frames_with_vips
from srcli.imaging.limits import check_size
from srcli.imaging.orientation import baked_size
from srcli.imaging.picture import Mode, PictureInfo
from srcli.imaging.source import Origin, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.imaging.metadata.collect import Collected
    from srcli.imaging.png_chunks import Chunk

_GREY, _GREY_ALPHA, _RGB_ALPHA = 0, 4, 6


def is_wide_png(chunks: Sequence[Chunk]) -> bool:
    """Whether the header of a PNG file states 16 bits per sample."""
    return chunks[0][0] == b"IHDR" and chunks[0][1][8:9] == b"\x10"


def is_interlaced(chunks: Sequence[Chunk]) -> bool:
    """Whether the header of a PNG file states that coarse versions of the picture come first."""
    return chunks[0][1][12:13] != b"\0"


def read_wide_png(origin: Origin, chunks: Sequence[Chunk], found: Collected) -> Source:
    """Read a PNG file of 16 bits per sample, given all its chunks and the metadata found in them."""
    width, height, _, colour_type = struct.unpack_from(">IIBB", chunks[0][1])
    names = {name for name, _ in chunks}
    if b"acTL" in names:
        found.notes.append("it is a 16-bit animation: only its first picture is used")
    return read_with_vips(
        origin,
        format_name="PNG",
        size=Size(height, width),
        mode=Mode.GREY if colour_type in (_GREY, _GREY_ALPHA) else Mode.RGB,
        depth=16,
        has_alpha=colour_type in (_GREY_ALPHA, _RGB_ALPHA) or b"tRNS" in names,
        found=found,
        in_rows=not is_interlaced(chunks),
    )


def read_with_vips(
    origin: Origin,
    *,
    format_name: str,
    size: Size,
    mode: Mode,
    depth: int,
    has_alpha: bool,
    found: Collected,
    lossless: bool = True,
    in_rows: bool = True,
    **options: Any,  # noqa: ANN401
) -> Source:
    """A picture from what its header says.

    Args:
        origin: the file.
        format_name: such as ``TIFF``.
        size: as it is stored.
        mode: colour model of its first channels.
        depth: bits per sample, 8 or 16.
        has_alpha: whether the channel behind them is transparency.
        found: the metadata, and the orientation that is to be baked in.
        lossless: whether its compression loses nothing.
        in_rows: whether its rows are stored from top to bottom.
        options: of the loader of libvips, such as ``page``.
    """
    check_size(size, origin.max_pixels, origin.name)
    info = PictureInfo(
        format=format_name,
        size=baked_size(size, found.orientation),
        mode=mode,
        depth=depth,
        has_alpha=has_alpha,
        frames=1,
        loop=None,
        lossless=lossless,
        metadata=found.metadata,
        notes=tuple(found.notes),
        orientation=found.orientation,
    )
    bands = bands_with_vips(origin, info, **options) if in_rows and found.orientation == 1 else None
    return Source(info, frames_with_vips(origin, info, found.orientation, **options), bands)
