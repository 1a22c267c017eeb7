"""GIF files through Pillow, behind a look at whether their blocks and codes are those of their frames."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PIL import Image

from srcli.imaging.containers.gif_file import read_gif_file
from srcli.imaging.containers.trailer import describe_rest
from srcli.imaging.metadata.gif_blocks import metadata_of_gif
from srcli.imaging.readers.pillow_reader import collect_from_info, read_with_pillow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.imaging.containers.gif_file import GifFile, GifFrame
    from srcli.imaging.picture import Frame
    from srcli.imaging.readers.source import Origin, Source


def read_gif(origin: Origin) -> Source:
    """Read the blocks of a GIF file."""
    origin.stream.seek(0)
    file = read_gif_file(origin.stream.read())
    metadata = metadata_of_gif(file)
    source = read_with_pillow(
        origin, "GIF", lambda image: collect_from_info(image, metadata, file.notes), lossless=True
    )
    if source.info.frames != len(file.frames):
        raise ValueError(f"{len(file.frames)} frames, of which {source.info.frames} can be read")
    rest = None if file.end is None else describe_rest(origin.stream, file.end)
    return replace(source, frames=lambda: _checked(origin, file, source)).noted(rest)


def _checked(origin: Origin, file: GifFile, source: Source) -> Iterator[Frame]:
    """The frames, each behind a look at its codes, of which Pillow passes over those that are too many."""
    frames = source.frames()
    for place in file.frames:
        origin.stream.seek(place.start)
        _check_codes(origin.stream.read(place.end - place.start), place)
        yield next(frames)


def _check_codes(data: bytes, frame: GifFrame) -> None:
    """Refuse a frame whose codes give fewer pixels than it has, or more, or such of colours that it lacks.

    Raises:
        EOFError: they are fewer.
        ValueError: they are more, or of other colours.
    """
    count = frame.size.pixels
    row = _decode(data, count)
    if row is None:
        raise EOFError
    if _decode(data, count + 1):
        raise ValueError(f"more pixels than a frame of {frame.size} has")
    used = {index for index, pixels in enumerate(row.histogram()) if pixels} - {frame.key}
    highest = max(used, default=0)
    if frame.colours and highest >= frame.colours:
        raise ValueError(f"pixels of colour {highest} of a palette of {frame.colours}")


def _decode(data: bytes, count: int) -> Image.Image | None:
    """The first pixels, in one row; None where there are fewer."""
    try:
        return Image.frombytes("L", (count, 1), data[1:], "gif", data[0], 0, -1)
    except ValueError:
        return None
