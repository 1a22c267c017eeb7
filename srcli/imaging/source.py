"""What each reader hands over: the header's facts, and a way to the frames."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, BinaryIO

from srcli.imaging.reading_clock import ReadingClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from srcli.core.arrays import Planes
    from srcli.imaging.picture import Frame, PictureInfo


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a picture comes from: the opened file, its name for messages, and the limits that apply."""

    stream: BinaryIO
    name: str
    max_pixels: int
    clock: ReadingClock = field(default_factory=ReadingClock)


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

    def with_colours(self, convert: Callable[[Planes], Planes]) -> Source:
        """The same picture with its colours converted, pixel by pixel."""

        def converted(frames: Iterator[Frame]) -> Iterator[Frame]:
            return (replace(frame, colour=convert(frame.colour)) for frame in frames)

        frames, bands = self.frames, self.bands
        return replace(
            self,
            frames=lambda: converted(frames()),
            bands=None if bands is None else lambda start: converted(bands(start)),
        )
