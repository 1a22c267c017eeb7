"""Picture files to frames: one door for all formats, and one place where decoders' errors become ours."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from srcli.core.errors import InputError
from srcli.core.names import printable
from srcli.imaging.colour.colorimetry import ADOBE_RGB
from srcli.imaging.containers.sniff import HEAD_BYTES, is_video, sniff_format, sniff_unsupported
from srcli.imaging.formats import format_from_extension
from srcli.imaging.limits import MAX_PIXELS
from srcli.imaging.metadata.exif_colour import means_adobe_rgb
from srcli.imaging.picture import Mode
from srcli.imaging.readers.grey import grey_as_srgb
from srcli.imaging.readers.pages import PAGED
from srcli.imaging.readers.reading_clock import ReadingClock
from srcli.imaging.readers.registry import READERS
from srcli.imaging.readers.source import Origin, Source, check_page_number
from srcli.imaging.translated_errors import reading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Self

    from srcli.imaging.picture import Frame, PictureInfo


_TOLD_BY_CONTAINER = frozenset({"AVIF", "HEIC"})
MOST_NOTES = 20
"""Of one picture; a file of ten thousand strange chunks has as much to say of each."""


class PictureFile:
    """A picture whose header was read; a context manager that closes the file."""

    def __init__(
        self,
        name: str,
        source: Source,
        resources: ExitStack,
        clock: ReadingClock,
        notes: tuple[str, ...] = (),
    ) -> None:
        self._name = name
        self._source = source
        self._resources = resources
        self._clock = clock
        self.info: PictureInfo = replace(source.info, notes=_few((*notes, *source.info.notes)))

    def in_colour(self) -> PictureFile:
        """The same file, its grey read as sRGB, so that colour can be added; others as they are."""
        if self.info.mode is not Mode.GREY:
            return self
        source = grey_as_srgb(replace(self._source, info=self.info))
        return PictureFile(self._name, source, self._resources, self._clock)

    def frames(self) -> Iterator[Frame]:
        """Decode the frames one by one, each as a viewer shows it.

        Raises:
            InputError: the file is truncated or damaged.
        """
        with reading(self._name):
            yield from self._clock.timed(self._source.frames())

    @property
    def in_rows(self) -> bool:
        """Whether ``bands`` can read it."""
        return self._source.bands is not None

    def bands(self, start: int) -> Iterator[Frame]:
        """Decode a still picture from a row on, some rows at a time: the first frame, in parts.

        Only where ``in_rows`` says so. Any number of readers may be at work at once.

        Raises:
            InputError: the file is truncated or damaged.
        """
        assert self._source.bands is not None, "asked for bands of a picture that has to be held whole"
        with reading(self._name):
            yield from self._clock.twin().timed(self._source.bands(start))

    def close(self) -> None:
        """Close the file; frames can't be decoded any more."""
        self._resources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_picture(
    source: Path | bytes,
    *,
    name: str = "standard input",
    max_pixels: int = MAX_PIXELS,
    limit_s: float | None = None,
    page: int | None = None,
) -> PictureFile:
    """Open a picture and read its header.

    Args:
        source: a file, or what came in through a stream.
        name: of the stream, for messages.
        max_pixels: the most pixels that a picture may declare, up to ``MAX_PIXELS``.
        limit_s: the longest that reading it may take, in seconds; None for what suffices for its pixels.
        page: which of its pictures to read, from 1 (``readers.pages``); None for its main one.

    Raises:
        InputError: there is no such file, it is no picture, it is damaged or too large, or has fewer pages.
    """
    if isinstance(source, Path):
        name = printable(source)
    name = f"{name}, page {page}" if page else name
    clock = ReadingClock(limit_s)
    with ExitStack() as resources, reading(name), clock.running():
        stream = clock.open(source)
        resources.callback(stream.close)
        file_format = _identify(stream, name)
        extension = source.suffix.lower() if isinstance(source, Path) else ""
        origin = Origin(stream, name, max_pixels, clock, stream.seek(0, 2), extension, page)
        if file_format not in PAGED:
            check_page_number(origin, 1)
        read = _with_colours_of_exif(READERS[file_format](origin))
        clock.allow_for(read.info.size.pixels * read.info.frames)
        return PictureFile(name, read, resources.pop_all(), clock, _extension_notes(source, file_format))


def _few(notes: tuple[str, ...]) -> tuple[str, ...]:
    """Each note once, and no more than anyone reads."""
    different = tuple(dict.fromkeys(notes))
    if len(different) <= MOST_NOTES:
        return different
    return (*different[:MOST_NOTES], f"and {len(different) - MOST_NOTES} more of the kind")


def _identify(stream: BinaryIO, name: str) -> str:
    head = stream.read(HEAD_BYTES)
    if not head:
        raise InputError(f"cannot read {name}: the file is empty")
    file_format = sniff_format(head)
    if file_format is None:
        if is_video(head):
            raise InputError(f"cannot read {name}: it is a video", hint=f"srcli video {name}")
        unsupported = sniff_unsupported(head)
        what = f"{unsupported} is not supported" if unsupported else "not a picture that srcli knows"
        raise InputError(
            f"cannot read {name}: {what}",
            hint="srcli reads PNG, JPEG, WebP, TIFF, BMP, AVIF, HEIC, JPEG XL, GIF and PPM",
        )
    return file_format


def _with_colours_of_exif(source: Source) -> Source:
    """Say in chunks, which every writer understands, what cameras say in EXIF data alone."""
    info = source.info
    metadata = info.metadata
    is_told = metadata.icc or metadata.colour_chunks or info.format in _TOLD_BY_CONTAINER
    if is_told or info.mode is not Mode.RGB or not (metadata.exif and means_adobe_rgb(metadata.exif)):
        return source
    return replace(source, info=replace(info, metadata=replace(metadata, colour_chunks=ADOBE_RGB))).noted(
        "its EXIF data alone says that its colours are Adobe RGB: told by a profile or chunks as well"
    )


def _extension_notes(source: Path | bytes, file_format: str) -> tuple[str, ...]:
    if isinstance(source, bytes):
        return ()
    promised = format_from_extension(source.suffix)
    if promised in (None, file_format):
        return ()
    return (f"its name ends in {source.suffix}, but it is a {file_format} file",)
