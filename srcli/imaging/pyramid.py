"""A large picture in tiles at several sizes, so that a viewer fetches what it shows and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from srcli.core.errors import InputError
from srcli.imaging.readers.libvips import load_vips, vips_errors

if TYPE_CHECKING:
    from pathlib import Path

TILE_SIDE = 512
"""Pixels along a side of a tile."""


def count_levels(width: int, height: int) -> int:
    """Levels of a pyramid: each is half of the next, rounded up, and the first fits into one tile."""
    levels = 1
    while max(width, height) > TILE_SIDE:
        width, height = -(-width // 2), -(-height // 2)
        levels += 1
    return levels


def write_pyramid(source: Path, target: Path) -> None:
    """Store a picture as a TIFF file of tiles at all sizes, without loss in 8 bits; its profile stays.

    Args:
        source: a PNG file that srcli has written.
        target: the new file.

    Raises:
        InputError: libvips refuses.
    """
    vips = load_vips()
    try:
        with vips_errors():
            image = vips.Image.new_from_file(str(source), access="sequential")
            if image.format == "ushort":
                image = image.colourspace("grey16" if image.bands < 3 else "rgb16").rshift(8).cast("uchar")
                image = image.copy(interpretation="b-w" if image.bands < 3 else "srgb")
            image.tiffsave(
                str(target),
                tile=True,
                pyramid=True,
                tile_width=TILE_SIDE,
                tile_height=TILE_SIDE,
                depth="onetile",
                compression="lzw",
                predictor="horizontal",
                bigtiff=True,
            )
    except ValueError as error:
        raise InputError(f"cannot make tiles: {error}") from error


def read_tile(pyramid: Path, size: tuple[int, int], level: int, column: int, row: int) -> bytes:
    """One tile as PNG.

    Args:
        pyramid: what ``write_pyramid`` made.
        size: width and height of the picture.
        level: 0 for the smallest; the last is the picture itself.
        column: of the tile, from the left.
        row: of the tile, from the top.

    Raises:
        InputError: there is no such tile.
    """
    page = count_levels(*size) - 1 - level
    if page < 0 or level < 0:
        raise InputError(f"there is no level {level}")
    width, height = (-(-side // 2**page) for side in size)
    left, top = column * TILE_SIDE, row * TILE_SIDE
    if not (0 <= left < width and 0 <= top < height):
        raise InputError(f"there is no tile {column}_{row} at level {level}")
    vips = load_vips()
    try:
        with vips_errors():
            image = vips.Image.new_from_file(str(pyramid), page=page)
            # libvips rounds down where it halves.
            image = _extended(image, width, height)
            tile = image.crop(left, top, min(TILE_SIDE, width - left), min(TILE_SIDE, height - top))
            data: bytes = tile.pngsave_buffer(compression=1)
    except ValueError as error:
        raise InputError(f"cannot read a tile: {error}") from error
    return data


def _extended(image: Any, width: int, height: int) -> Any:  # noqa: ANN401  libvips carries no types
    if (image.width, image.height) == (width, height):
        return image
    return image.embed(0, 0, width, height, extend="copy")
