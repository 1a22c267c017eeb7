"""Files of several pictures: pages of a TIFF, views of a JPEG (MPO), pictures beside one another in HEIC."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from srcli.core.pipes import open_file
from srcli.imaging.containers.sniff import HEAD_BYTES, sniff_format
from srcli.imaging.containers.tiff_pages import main_page, read_pages, whole_pages
from srcli.imaging.readers.heic_reader import count_pictures
from srcli.imaging.readers.mpo import views_of
from srcli.imaging.translated_errors import reading

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import BinaryIO


@dataclass(frozen=True, slots=True)
class Pages:
    """The pictures in a file.

    Attributes:
        count: of all that it holds.
        whole: numbers, from 1, of those that are no thumbnails, masks or gain maps of others.
    """

    count: int = 1
    whole: tuple[int, ...] = (1,)


def pages_of(source: Path | bytes) -> Pages:
    """Count the pictures in a file.

    Raises:
        InputError: it can't be read.
    """
    if isinstance(source, bytes):
        with reading("the stream"):
            return _pages_in(BytesIO(source))
    with reading(str(source)), open_file(source) as stream:
        return _pages_in(stream)


def _pages_in(stream: BinaryIO) -> Pages:
    count = _COUNTERS.get(sniff_format(stream.read(HEAD_BYTES)) or "")
    return count(stream) if count else Pages()


def _count_tiff(stream: BinaryIO) -> Pages:
    pages = read_pages(stream)
    places = whole_pages(pages) or [main_page(pages)]
    return Pages(len(pages), tuple(place + 1 for place in places))


def _count_jpeg(stream: BinaryIO) -> Pages:
    stream.seek(0)
    views = views_of(stream.read())
    return Pages(len(views), tuple(number for number, view in enumerate(views, 1) if view.is_picture))


def _count_heic(stream: BinaryIO) -> Pages:
    stream.seek(0)
    count = count_pictures(stream.read())
    return Pages(count, tuple(range(1, count + 1)))


_COUNTERS: dict[str, Callable[[BinaryIO], Pages]] = {
    "TIFF": _count_tiff,
    "JPEG": _count_jpeg,
    "HEIC": _count_heic,
}
PAGED = frozenset(_COUNTERS)
"""Formats of which a file may hold several pictures beside one another."""
