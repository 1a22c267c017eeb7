"""PNG files of 16 bits per sample, and TIFF files, through libvips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from srcli.imaging.limits import check_size
from srcli.imaging.picture import PictureInfo
from srcli.imaging.pixels.orientation import baked_size
from srcli.imaging.readers.band_reader import bands_with_vips, frames_with_vips
from srcli.imaging.readers.source import Origin, Source

if TYPE_CHECKING:
    from srcli.core.geometry import Size
    from srcli.imaging.metadata.collect import Collected
    from srcli.imaging.picture import Mode


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
