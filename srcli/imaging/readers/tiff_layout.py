"""Whether the fields that say where a TIFF file holds its pixels agree (TIFF 6.0, sections 7, 8 and 15).

Decoders take what they need of contradicting fields and pass over the rest, so that other pixels come out
without a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from os import SEEK_END
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from srcli.imaging.containers.tiff_fields import ITEM_BYTES, LONG, LONG8, SHORT
from srcli.imaging.readers import tiff_kinds
from srcli.imaging.readers.libvips import unpacks_to

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from srcli.imaging.containers.tiff_fields import Field
    from srcli.imaging.containers.tiff_pages import Page

_WIDTH, _HEIGHT, _FILL_ORDER, _PREDICTOR, _PALETTE, _EXTRA_SAMPLES = 256, 257, 266, 317, 320, 338
_STRIPS, _STRIP_ROWS, _STRIP_BYTES, _PLANES = 273, 278, 279, 284
_TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_BYTES = 322, 323, 324, 325
_SEPARATE, _UNCOMPRESSED = 2, 1
_HEADER_BYTES = 8
_ALIGNMENT_BYTES = 4
_FAR = 2**62
_PACKINGS = frozenset({5, 8, 32773, 32946})
_LARGEST_PART = 2**24

_SINGLE = frozenset(
    {_WIDTH, _HEIGHT, tiff_kinds.PHOTOMETRIC, _FILL_ORDER, tiff_kinds.CHANNELS, _STRIP_ROWS}
    | {_PLANES, _PREDICTOR, _TILE_WIDTH, _TILE_HEIGHT}
)
_OF_EACH_CHANNEL = frozenset({tiff_kinds.BITS, tiff_kinds.COMPRESSION, tiff_kinds.SAMPLE_FORMAT})
_LISTS = frozenset({_STRIPS, _STRIP_BYTES, _PALETTE, _TILES, _TILE_BYTES, _EXTRA_SAMPLES})
_FIELDS = _SINGLE | _OF_EACH_CHANNEL | _LISTS
_KINDS = frozenset({SHORT, LONG, LONG8})


@dataclass(frozen=True, slots=True)
class _Grid:
    """How a picture is cut: ``across`` times ``down`` parts of ``width`` x ``height`` in each plane."""

    what: str
    across: int
    down: int
    width: int
    height: int
    planes: int
    last_height: int

    @property
    def count(self) -> int:
        """Number of the parts of all planes."""
        return self.across * self.down * self.planes


def check_layout(page: Page, stream: BinaryIO) -> None:
    """Refuse a page whose fields contradict one another, the picture's size or the size of the file.

    Args:
        page: whose kind ``tiff_kinds.check_page`` has let pass.
        stream: the file.

    Raises:
        ValueError: they do; the message says which.
        EOFError: the file ends before its strips or tiles do.
    """
    end = stream.seek(0, SEEK_END)
    _check_fields(page)
    _check_colours(page)
    grid, starts, sizes = _grid(page), _starts(page), _sizes(page)
    if len(starts) != grid.count:
        raise ValueError(
            f"its size takes {grid.what}, {grid.count} in number, and its fields place {len(starts)}"
        )
    if sizes is not None and len(sizes) != len(starts):
        raise ValueError(f"its fields tell the lengths of {len(sizes)} {grid.what}, and place {len(starts)}")
    sizes = np.zeros_like(starts) if sizes is None else sizes
    if (starts > end - np.minimum(sizes, end)).any():
        raise EOFError
    row = _row_bytes(page, grid)
    if row and sizes.any():
        if page.number(tiff_kinds.COMPRESSION, _UNCOMPRESSED) == _UNCOMPRESSED:
            _check_lengths(grid, row, sizes)
        else:
            _check_unpacked(page, stream, grid, row, starts, sizes)
    _check_places(page, starts, sizes)


def _check_fields(page: Page) -> None:
    flawed = _FIELDS.intersection(page.flaws)
    if flawed:
        raise ValueError(f"its field {min(flawed)} can't be read")
    channels = page.number(tiff_kinds.CHANNELS, 1)
    for tag in _FIELDS & page.fields.keys():
        entry = page.fields[tag]
        if entry.kind not in _KINDS:
            raise ValueError(f"its field {tag} is of type {entry.kind}, which holds other values")
        allowed = {1} if tag in _SINGLE else {1, channels} if tag in _OF_EACH_CHANNEL else None
        if not entry.count or (allowed and entry.count not in allowed):
            raise ValueError(f"its field {tag} has {entry.count} values")


def _check_colours(page: Page) -> None:
    model = page.number(tiff_kinds.PHOTOMETRIC, tiff_kinds.GREY)
    channels, needed = page.number(tiff_kinds.CHANNELS, 1), tiff_kinds.CHANNELS_OF[model]
    if channels < needed:
        raise ValueError(f"{channels} channels where its colours take {needed}")
    if len(set(page.numbers(tiff_kinds.COMPRESSION))) > 1:
        raise ValueError("channels of several compressions")
    if model != tiff_kinds.PALETTE:
        return
    entries = 3 * 2 ** page.number(tiff_kinds.BITS, 1)
    palette = page.fields.get(_PALETTE)
    if palette is None or palette.count != entries or palette.kind != SHORT:
        found = palette.count if palette else 0
        raise ValueError(f"a palette of {found} values where its depth takes {entries} of 16 bits")


def _grid(page: Page) -> _Grid:
    width, height = page.number(_WIDTH), page.number(_HEIGHT)
    planes = page.number(tiff_kinds.CHANNELS, 1) if page.number(_PLANES, 1) == _SEPARATE else 1
    if _TILE_WIDTH in page.fields or _TILE_HEIGHT in page.fields:
        across, down = page.number(_TILE_WIDTH), page.number(_TILE_HEIGHT)
        if not (across and down):
            raise ValueError(f"tiles of {across}x{down}")
        return _Grid("tiles", -(-width // across), -(-height // down), across, down, planes, down)
    rows = min(page.number(_STRIP_ROWS, height), height)
    if not rows:
        raise ValueError("strips of no rows")
    down = -(-height // rows)
    return _Grid("strips", 1, down, width, rows, planes, height - (down - 1) * rows)


def _starts(page: Page) -> NDArray[np.int64]:
    """Where the strips or tiles begin; old files hold the places of tiles in the field of strips."""
    tags = (_TILES, _STRIPS) if _TILE_WIDTH in page.fields else (_STRIPS,)
    found = [page.fields[tag] for tag in tags if tag in page.fields]
    if len(found) != 1:
        raise ValueError("both strips and tiles" if found else "neither strips nor tiles")
    return _numbers(found[0])


def _sizes(page: Page) -> NDArray[np.int64] | None:
    """How many bytes they have; None where the file doesn't say."""
    tags = (_TILE_BYTES, _STRIP_BYTES) if _TILE_WIDTH in page.fields else (_STRIP_BYTES,)
    return next((_numbers(page.fields[tag]) for tag in tags if tag in page.fields), None)


def _numbers(entry: Field) -> NDArray[np.int64]:
    numbers = np.frombuffer(entry.data, f"<u{ITEM_BYTES[entry.kind]}").astype(np.uint64)
    return np.minimum(numbers, np.uint64(_FAR)).astype(np.int64)


def _row_bytes(page: Page, grid: _Grid) -> int:
    """Bytes of a row of a strip or a tile; 0 where chroma may have fewer samples than luma (YCbCr)."""
    if page.number(tiff_kinds.PHOTOMETRIC, tiff_kinds.GREY) == tiff_kinds.YCBCR:
        return 0
    samples = 1 if grid.planes > 1 else page.number(tiff_kinds.CHANNELS, 1)
    return -(-grid.width * samples * page.number(tiff_kinds.BITS, 1) // 8)


def _check_lengths(grid: _Grid, row: int, sizes: NDArray[np.int64]) -> None:
    """Strips and tiles that are not compressed have the bytes of their rows, or of those of a whole strip."""
    whole = np.full(grid.count, min(row * grid.height, _FAR))
    needed = whole.copy()
    in_plane = grid.across * grid.down
    needed[in_plane - 1 :: in_plane] = row * grid.last_height
    if (sizes < needed).any():
        raise ValueError(f"{grid.what} that are shorter than their rows")
    if ((sizes >= needed + _ALIGNMENT_BYTES) & ((sizes < whole) | (sizes >= whole + _ALIGNMENT_BYTES))).any():
        raise ValueError(f"{grid.what} that are longer than their rows")


def _check_unpacked(
    page: Page,
    stream: BinaryIO,
    grid: _Grid,
    row: int,
    starts: NDArray[np.int64],
    sizes: NDArray[np.int64],
) -> None:
    """The first and the last strip or tile hold no more than their rows: decoders pass over the rest.

    Large ones are left out, as each is decoded once more for it. That they hold no less, decoders say.
    """
    packing = page.number(tiff_kinds.COMPRESSION)
    whole = row * grid.height
    if packing not in _PACKINGS or whole > _LARGEST_PART:
        return
    for index in {0, grid.count - 1}:
        stream.seek(starts[index])
        data = stream.read(sizes[index])
        order = page.number(_FILL_ORDER, 1)
        last = index == grid.count - 1
        needed = row * grid.last_height if last else whole
        is_longer = unpacks_to(data, packing, order, needed + _ALIGNMENT_BYTES)
        if is_longer and last and needed < whole:
            is_longer = not unpacks_to(data, packing, order, whole) or unpacks_to(
                data, packing, order, whole + _ALIGNMENT_BYTES
            )
        if is_longer:
            raise ValueError(f"{grid.what} that are longer than their rows")


def _check_places(page: Page, starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> None:
    """Neither strips nor tiles nor the lists that tell of them lie over one another, but for equal ones."""
    begins, lengths = list(starts[sizes > 0]), list(sizes[sizes > 0])
    for entry in (page.fields[tag] for tag in _FIELDS & page.fields.keys()):
        begins += [entry.start, entry.position]
        lengths += [len(entry.data), _HEADER_BYTES]
    places = np.unique(np.stack((begins, np.add(begins, lengths)), axis=1), axis=0)
    if places[0, 0] < _HEADER_BYTES or (places[1:, 0] < np.maximum.accumulate(places[:-1, 1])).any():
        raise ValueError("its strips, tiles or fields lie over one another")
