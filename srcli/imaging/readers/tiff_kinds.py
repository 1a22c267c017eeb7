"""Which TIFF files srcli reads, told from their fields, and what the others are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.core.errors import InputError
from srcli.imaging.containers.tiff_pages import read_children

if TYPE_CHECKING:
    from collections.abc import Iterable

    from srcli.imaging.containers.tiff_pages import Page
    from srcli.imaging.readers.source import Origin

BITS, COMPRESSION, PHOTOMETRIC, CHANNELS, SAMPLE_FORMAT = 258, 259, 262, 277, 339
_WIDTH, _HEIGHT, _INK_SET, _DNG_VERSION = 256, 257, 332, 50706
GREY_INVERTED, GREY, RGB, PALETTE, CMYK, YCBCR, CIELAB, ICCLAB = 0, 1, 2, 3, 5, 6, 8, 9
"""Colour models by their numbers in the field ``PHOTOMETRIC``."""

CHANNELS_OF = {GREY_INVERTED: 1, GREY: 1, RGB: 3, PALETTE: 1, CMYK: 4, YCBCR: 3, CIELAB: 3, ICCLAB: 3}
"""Channels that a colour model takes, for each that is read."""

_UNSIGNED = 1
_MOST_CHANNELS = 32
_SEVERAL_INKS = 2

LOSSY = frozenset({6, 7, 50001})
"""Compressions that change pixels."""

OLD_JPEG, JPEG, LZMA, ZSTANDARD = 6, 7, 34925, 50000
_COMPRESSIONS = {
    9: "JBIG",
    10: "JBIG",
    32809: "ThunderScan",
    32908: "Pixar",
    32909: "Pixar log",
    33003: "JPEG 2000",
    33004: "JPEG 2000",
    33005: "JPEG 2000",
    34661: "JBIG",
    34676: "SGI log",
    34677: "SGI log",
    34712: "JPEG 2000",
    34719: "JBIG2",
    34887: "LERC",
    34892: "DNG's JPEG",
    34933: "PNG",
    34934: "JPEG XR",
    50002: "JPEG XL",
    52546: "JPEG XL",
}

# Colour filter arrays (ISO 12234-2) and DNG's linear raw; then compressions of cameras.
_RAW_PHOTOMETRICS = frozenset({32803, 34892})
_RAW_COMPRESSIONS = frozenset({32767, 32769, 32770, 32867, 34713, 65000, 65535})
_RAW_EXTENSIONS = frozenset(
    {".3fr", ".ari", ".arw", ".cr2", ".dcr", ".dng", ".erf", ".fff", ".iiq", ".k25", ".kdc", ".mef", ".mos"}
    | {".nef", ".nrw", ".pef", ".rwl", ".sr2", ".srf", ".srw"}
)


def check_raw(origin: Origin, pages: list[Page]) -> None:
    """Refuse a raw photograph: such files begin as TIFF files of a thumbnail.

    Raises:
        InputError: it is one.
    """
    origin.stream.seek(8)
    magic = origin.stream.read(4)
    is_raw = (
        magic in (b"IIII", b"MMMM")
        or magic[:2] == b"CR"
        or origin.extension in _RAW_EXTENSIONS
        or _DNG_VERSION in pages[0].fields
        or any(_is_sensor(page) for page in pages)
        or any(_is_sensor(child) for page in pages[:8] for child in read_children(origin.stream, page))
    )
    if is_raw:
        raise InputError(
            f"cannot read {origin.name}: raw photographs are not supported",
            hint="develop it first, to a TIFF file of 16 bits",
        )


def check_page(page: Page, name: str) -> None:
    """Refuse what no decoder at hand reads, or what srcli has no use for.

    Raises:
        InputError: the page is of such a kind.
        ValueError: its fields contradict one another.
        EOFError: it states no size.
    """
    if not (page.number(_WIDTH) and page.number(_HEIGHT)):
        raise EOFError
    packing = page.number(COMPRESSION, 1)
    if packing in _COMPRESSIONS:
        raise InputError(
            f"cannot read {name}: TIFF compression {packing} ({_COMPRESSIONS[packing]}) is not supported",
            hint="save it with LZW or deflate compression first",
        )
    bits, kinds = page.numbers(BITS) or (1,), page.numbers(SAMPLE_FORMAT) or (_UNSIGNED,)
    channels = page.number(CHANNELS, 1)
    if channels > _MOST_CHANNELS or len(bits) not in (1, channels):
        raise ValueError(f"{channels} channels of {len(bits)} depths")
    _check_samples(bits, kinds, name)
    if channels > 1 and bits[0] < 8:
        raise InputError(
            f"cannot read {name}: {channels} channels of {bits[0]} bits are not supported",
            hint="convert it to 8 or 16 bits per sample first",
        )
    model = page.number(PHOTOMETRIC, GREY)
    if model not in CHANNELS_OF or (model == CMYK and page.number(_INK_SET, 1) == _SEVERAL_INKS):
        kind = "inks other than CMYK" if model == CMYK else f"TIFF's colour model {model}"
        raise InputError(f"cannot read {name}: {kind} is not supported", hint="convert it to RGB first")


def _is_sensor(page: Page) -> bool:
    return page.number(PHOTOMETRIC) in _RAW_PHOTOMETRICS or page.number(COMPRESSION, 1) in _RAW_COMPRESSIONS


def _check_samples(bits: Iterable[int], kinds: tuple[int, ...], name: str) -> None:
    depths = set(bits)
    if any(kind != _UNSIGNED for kind in kinds) or depths - {1, 2, 4, 8, 16} or len(depths) > 1:
        kind = {2: "signed integers", 3: "floating point"}.get(kinds[0], "unsigned integers")
        raise InputError(
            f"cannot read {name}: samples of {max(depths)} bits, {kind}, are not supported",
            hint="convert it to unsigned integers of 8 or 16 bits first",
        )
