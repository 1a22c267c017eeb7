"""TIFF files: what their fields say decides who decodes them, or whether anyone does."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

from srcli.core.errors import InputError
from srcli.core.geometry import Size
from srcli.imaging.colour.lab import lab_to_srgb
from srcli.imaging.containers.tiff_fields import layout_of
from srcli.imaging.containers.tiff_pages import FileBytes, main_page, read_pages, with_number
from srcli.imaging.metadata.tiff import metadata_of_tiff
from srcli.imaging.picture import Mode
from srcli.imaging.readers import tiff_kinds
from srcli.imaging.readers.libvips import VipsPicture
from srcli.imaging.readers.pillow_reader import read_with_pillow
from srcli.imaging.readers.source import check_page_number
from srcli.imaging.readers.tiff_layout import check_layout
from srcli.imaging.readers.vips_reader import read_with_vips

if TYPE_CHECKING:
    from srcli.imaging.containers.tiff_pages import Page
    from srcli.imaging.metadata.collect import Collected
    from srcli.imaging.readers.source import Origin, Source

_WIDTH, _HEIGHT, _PLANES, _TILE_WIDTH, _EXTRA_SAMPLES = 256, 257, 284, 322, 338
_MODES = {
    tiff_kinds.GREY_INVERTED: Mode.GREY,
    tiff_kinds.GREY: Mode.GREY,
    tiff_kinds.RGB: Mode.RGB,
    tiff_kinds.PALETTE: Mode.RGB,
    tiff_kinds.CMYK: Mode.CMYK,
    tiff_kinds.YCBCR: Mode.RGB,
    tiff_kinds.CIELAB: Mode.RGB,
    tiff_kinds.ICCLAB: Mode.RGB,
}
_LABS = frozenset({tiff_kinds.CIELAB, tiff_kinds.ICCLAB})
_ALPHAS = frozenset({1, 2})
_SEPARATE = 2
_ORIENTATION = 274


def read_tiff(origin: Origin) -> Source:
    """Read the fields of a page of a TIFF file: the one that is wanted, or the first that is no thumbnail.

    Raises:
        InputError: its samples are of a kind that srcli has no use for, or there is no such page.
    """
    pages = read_pages(origin.stream)
    if not pages:
        raise EOFError
    tiff_kinds.check_raw(origin, pages)
    check_page_number(origin, len(pages))
    index = origin.page - 1 if origin.page else main_page(pages)
    page = pages[index]
    tiff_kinds.check_page(page, origin.name)
    check_layout(page, origin.stream)
    found = metadata_of_tiff(page, layout_of(FileBytes(origin.stream)[0:8]).order)
    if origin.page is None and len(pages) > 1:
        used = "the first" if index == 0 else f"page {index + 1}"
        found.notes.append(f"it has {len(pages)} pages: only {used} is used; --page takes others")
    lossless = page.number(tiff_kinds.COMPRESSION, 1) not in tiff_kinds.LOSSY
    if _is_for_pillow(page):
        return _read_with_pillow(origin, page, index, found, lossless=lossless)
    return _read_with_vips(origin, page, index, found, lossless=lossless)


def _is_for_pillow(page: Page) -> bool:
    """Whether libvips can't decode a page."""
    in_planes = _TILE_WIDTH in page.fields and page.number(_PLANES, 1) == _SEPARATE
    packing = page.number(tiff_kinds.COMPRESSION, 1)
    # libvips takes luma and chroma for RGB where it isn't libjpeg that converts them.
    is_plain_ycbcr = page.number(tiff_kinds.PHOTOMETRIC, 1) == tiff_kinds.YCBCR and packing != tiff_kinds.JPEG
    return (
        is_plain_ycbcr
        or (in_planes and page.number(tiff_kinds.CHANNELS, 1) > 1)
        or packing in (tiff_kinds.OLD_JPEG, tiff_kinds.LZMA, tiff_kinds.ZSTANDARD)
    )


def _read_with_pillow(origin: Origin, page: Page, index: int, found: Collected, *, lossless: bool) -> Source:
    if page.number(tiff_kinds.BITS, 1) > 8:
        raise InputError(
            f"cannot read {origin.name}: 16-bit samples in tiles of one colour each, "
            "of YCbCr, or in LZMA or Zstandard compression, are not supported",
            hint="save it in strips with LZW or deflate compression first",
        )
    # Pillow bakes in the orientation by itself.
    orientation, found.orientation = (
        found.orientation,
        1 if _ORIENTATION in page.fields else found.orientation,
    )
    source = read_with_pillow(origin, "TIFF", lambda _: found, lossless=lossless, page=index)
    return replace(source, info=replace(source.info, orientation=orientation))


def _read_with_vips(origin: Origin, page: Page, index: int, found: Collected, *, lossless: bool) -> Source:
    model = page.number(tiff_kinds.PHOTOMETRIC, 1)
    if model in _LABS:
        # To libvips they are three channels like any others.
        patched = with_number(origin.stream, page, tiff_kinds.PHOTOMETRIC, tiff_kinds.RGB)
        origin = replace(origin, stream=BytesIO(patched))
        found.metadata = replace(found.metadata, icc=None)
    elif page.number(_PLANES, 1) == _SEPARATE and page.number(tiff_kinds.CHANNELS, 1) == 1:
        # One plane is a picture like any other; of one bit, libvips would take it for bytes.
        origin = replace(origin, stream=BytesIO(with_number(origin.stream, page, _PLANES, 1)))
    stored = VipsPicture(origin, page=index)
    mode = Mode.GREY if model == tiff_kinds.PALETTE and stored.channels < 3 else _MODES[model]
    found.notes += _kind_note(page, mode)
    # libvips divides colours by the transparency that they are multiplied with.
    has_alpha = stored.channels > mode.channels and (page.numbers(_EXTRA_SAMPLES) or (0,))[0] in _ALPHAS
    if stored.channels > mode.channels + has_alpha:
        found.notes.append("it has channels that are neither colour nor transparency: they are dropped")
    source = read_with_vips(
        origin,
        format_name="TIFF",
        size=Size(page.number(_HEIGHT), page.number(_WIDTH)),
        mode=mode,
        depth=8 * stored.dtype.itemsize,
        has_alpha=has_alpha,
        found=found,
        lossless=lossless,
        page=index,
    )
    if model not in _LABS:
        return source
    signed = model == tiff_kinds.CIELAB
    return source.converted(
        lambda frame: replace(frame, colour=lab_to_srgb(frame.colour, source.info.depth, signed=signed))
    )


def _kind_note(page: Page, mode: Mode) -> list[str]:
    """What a person should know of the way from the page's own pixels to ours."""
    model = page.number(tiff_kinds.PHOTOMETRIC, 1)
    if model in _LABS:
        return ["its Lab colours were converted to sRGB"]
    if model == tiff_kinds.PALETTE:
        return [f"its palette was expanded to {'grey' if mode is Mode.GREY else 'RGB'}"]
    return ["its 1-bit pixels were widened to 8-bit grey"] if page.number(tiff_kinds.BITS, 1) == 1 else []
