"""Which window a picture is cut into: as large as memory and cache make worthwhile, evenly fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.core.errors import UsageError
from srcli.core.geometry import Size, round_up
from srcli.core.pixel_format import FLOAT_PIXEL_BYTES

if TYPE_CHECKING:
    from srcli.engine.devices.kind import Device
    from srcli.engine.inference.traits import Traits

PATCH = 96
"""The grid's unit in input pixels."""
SMALLEST_WINDOW = 32
MOST_PATCHES = 6
"""Windows of 576. One pixel costs a CPU the same from 64 to 768 (3.6 microseconds of one core for ``fast`` at
x4), so that larger windows only save what is computed twice: a picture of 1600 x 1200 takes 7 to 9 % less
than in windows of 384, and 150 MB more. With 768 it takes 1 % less again, and progress comes in coarse steps.
For a large GPU it is enough work, and activations of a few hundred megabytes."""
MEMORY_SHARE = 0.5
"""What a window may take of the memory that is free: other work needs some, and estimates are estimates."""
CANVAS_BYTES = 256 * 2**20
"""The most that the result of one row of windows may take, unless windows would become inefficient."""


def plan_window(
    size: Size,
    *,
    scale: int,
    overlap: int,
    multiple: int,
    memory_bytes: int,
    bytes_per_pixel: int,
    tile: int | None,
    pixel_bytes: int = FLOAT_PIXEL_BYTES,
) -> Size:
    """The shape of the windows for a picture.

    Without an explicit tile, neighbouring 96-pixel patches are fused into windows of 192, 288 and so on, as
    far as memory allows, and the windows are then shrunk to what the picture needs, so that little is
    computed twice.

    Args:
        size: of the picture.
        scale: of the generator; what a row of windows gives needs memory as well.
        overlap: input pixels that each window drops at each cut edge.
        multiple: sides of a window have to be multiples of this.
        memory_bytes: memory that is free.
        bytes_per_pixel: memory that a window takes per input pixel.
        tile: the side that the user asked for; never overridden.
        pixel_bytes: memory that a pixel of the result takes.

    Returns:
        The window; no side is longer than the picture's, rounded up to ``multiple``.

    Raises:
        UsageError: the tile is no multiple of ``multiple``.
    """
    if tile is not None:
        if tile < 1 or tile % multiple:
            raise UsageError(
                f"--tile {tile} does not suit the generator, which needs multiples of {multiple}"
            )
        return Size(*(min(tile, round_up(side, multiple)) for side in size))
    row_bytes = size.width * scale**2 * pixel_bytes
    budget = max(0, int(memory_bytes * MEMORY_SHARE) - min(size.height * row_bytes, CANVAS_BYTES))
    least, patches = _patches(4 * overlap), max(MOST_PATCHES, _patches(8 * overlap))
    while patches > least and (patches * PATCH) ** 2 * bytes_per_pixel > budget:
        patches -= 1
    # The result of a row of windows across a very wide picture has to fit, too.
    tallest = min(patches * PATCH, max(least * PATCH, CANVAS_BYTES // row_bytes))
    return Size(
        _fit(size.height, tallest, overlap, multiple), _fit(size.width, patches * PATCH, overlap, multiple)
    )


def window_for(
    size: Size,
    traits: Traits,
    device: Device,
    *,
    overlap: int,
    tile: int | None,
    pixel_bytes: int = FLOAT_PIXEL_BYTES,
) -> Size:
    """The shape of the windows for a picture, a generator and a device; see :func:`plan_window`.

    A generator that looks at the picture as a whole gets it in one window where memory allows.

    Raises:
        UsageError: the tile does not suit the generator.
    """
    if traits.fixed_size is not None:
        if tile is not None and traits.fixed_size != (tile, tile):
            raise UsageError(
                f"--tile {tile} does not suit the generator, which takes {traits.fixed_size} only"
            )
        return traits.fixed_size
    memory_bytes = available_memory(device)
    if traits.whole and tile is None:
        entire = Size(*(round_up(max(side, traits.minimum), traits.multiple) for side in size))
        needed = entire.pixels * (traits.bytes_per_pixel + traits.scale**2 * pixel_bytes)
        if needed <= memory_bytes * MEMORY_SHARE:
            return entire
    return plan_window(
        size,
        scale=traits.scale,
        overlap=overlap,
        multiple=traits.multiple,
        memory_bytes=memory_bytes,
        bytes_per_pixel=traits.bytes_per_pixel,
        tile=tile,
        pixel_bytes=pixel_bytes,
    )


def available_memory(device: Device) -> int:
    """Bytes that are free on a device; on the fullest of several GPUs."""
    return device.kind.free_memory_bytes(device.part)


def _patches(side: int) -> int:
    """How many patches make up a side; at least one.

    A window of eight overlaps keeps half of its pixels, one of four overlaps a quarter.
    """
    return max(1, -(-side // PATCH))


def _fit(length: int, largest: int, overlap: int, multiple: int) -> int:
    """The smallest window that covers ``length`` pixels with as few windows as the largest would need."""
    whole = round_up(length, multiple)
    if whole <= largest:
        return whole
    own = largest // multiple * multiple - 2 * round_up(overlap, multiple)
    count = -(-(whole - 2 * overlap) // own)
    return min(
        whole, round_up(-(-(whole - 2 * overlap) // count) + 2 * round_up(overlap, multiple), multiple)
    )
