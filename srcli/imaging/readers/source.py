"""What each reader hands over: the header's facts, and a way to the frames."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

from srcli.core.errors import InputError
from srcli.imaging.readers.reading_clock import ReadingClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from srcli.imaging.picture import Frame, PictureInfo


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a picture comes from: the opened file, its name for messages, and the limits that apply.

    Attributes:
        size_bytes: of the file when it was opened; another program may cut it short afterwards.
        extension: of its name, with the dot, in lower case; nothing where it has none.
        page: which of the pictures in it is wanted, from 1; None for its main one.
    """

    stream: BinaryIO
    name: str
    max_pixels: int
    clock: ReadingClock = field(default_factory=ReadingClock)
    size_bytes: int = 0
    extension: str = ""
    page: int | None = None

    def edited(self, edit: Callable[[bytes], bytes]) -> Origin:
        """The file with other bytes, in memory."""
        self.stream.seek(0)
        return replace(self, stream=BytesIO(edit(self.stream.read())))


@dataclass(frozen=True, slots=True)
class Source:
    """A picture whose header was read.

    Attributes:
        info: what the header says.
        frames: decodes from the start, frame by frame.
        bands: decodes a still picture from a row on, some rows at a time; None where it has to be held whole.
    """

    info: PictureInfo
    frames: Callable[[], Iterator[Frame]]
    bands: Callable[[int], Iterator[Frame]] | None = None

    def noted(self, note: str | None) -> Source:
        """The same picture with a further note, if there is one."""
        return replace(self, info=replace(self.info, notes=(*self.info.notes, note))) if note else self

    def behind(self, look: Callable[[], None]) -> Source:
        """The same picture, whose file is looked at before it is decoded for the first time."""
        frames, bands = self.frames, self.bands
        look_once = cache(look)

        def looked_frames() -> Iterator[Frame]:
            look_once()
            yield from frames()

        def looked_bands(start: int) -> Iterator[Frame]:
            look_once()
            assert bands is not None, "asked for bands of a picture that has none"
            yield from bands(start)

        return replace(self, frames=looked_frames, bands=looked_bands if bands else None)

    def converted(self, convert: Callable[[Frame], Frame]) -> Source:
        """The same picture with every frame, or some rows of it, converted pixel by pixel."""
        frames, bands = self.frames, self.bands
        return replace(
            self,
            frames=lambda: map(convert, frames()),
            bands=None if bands is None else lambda start: map(convert, bands(start)),
        )


def check_page_number(origin: Origin, count: int) -> None:
    """See that a file has the page that is wanted of it.

    Raises:
        InputError: it has fewer.
    """
    if origin.page and origin.page > count:
        pages = "one page" if count == 1 else f"{count} pages"
        raise InputError(f"cannot read {origin.name}: it has {pages}", hint="choose one with --page, or all")
