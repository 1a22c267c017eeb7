"""Where frames come from: video files, animated pictures, folders of numbered pictures."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np

from srcli.core.errors import InputError
from srcli.core.names import printable
from srcli.imaging.decode import open_picture
from srcli.imaging.formats import READABLE_EXTENSIONS
from srcli.imaging.picture import Mode
from srcli.upscaling.enlargement import stack
from srcli.video.frame import VideoFrame
from srcli.video.info import Colour, PixelFormat, VideoInfo

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from srcli.core.arrays import Planes
    from srcli.core.geometry import Size
    from srcli.imaging.decode import PictureFile
    from srcli.imaging.picture import Frame
    from srcli.video.video import Part, Position, Video

MILLISECOND = Fraction(1, 1000)
_8_BITS = 8


class Frames(Protocol):
    """Frames in the order in which they are shown, and what was wrong with them; see ``FrameReader``."""

    @property
    def damaged_packets(self) -> int:
        """Packets that could not be decoded, up to now."""

    @property
    def damaged_frames(self) -> int:
        """Frames with concealed errors, up to now."""

    @property
    def missing(self) -> int:
        """After the last frame: how many the file promised and did not give."""

    @property
    def resized(self) -> int:
        """Frames of another size than the first, brought to that."""

    def __iter__(self) -> Iterator[VideoFrame]:
        """Decode."""


class FrameSource(Protocol):
    """What frames come from."""

    @property
    def info(self) -> VideoInfo:
        """About it."""

    @property
    def copied_from(self) -> Path | None:
        """The file that sound and other streams are copied from; None where there are none."""

    def frames(self, part: Part | None, after: Position | None, *, strict: bool) -> Frames:
        """The frames of a part, behind a position of an earlier run."""


@dataclass(frozen=True, slots=True)
class VideoSource:
    """A video file that is open."""

    video: Video

    @property
    def info(self) -> VideoInfo:
        """About it."""
        return self.video.info

    @property
    def copied_from(self) -> Path | None:
        """The file itself."""
        return self.video.path

    def frames(self, part: Part | None, after: Position | None, *, strict: bool) -> Frames:
        """See :class:`FrameSource`."""
        return self.video.frames(part, after=after, strict=strict)


@dataclass(slots=True)
class _Sequence:
    """Frames from a generator function; none of them is damaged."""

    read: Iterator[VideoFrame]
    damaged_packets: int = 0
    damaged_frames: int = 0
    missing: int = 0
    resized: int = 0

    def __iter__(self) -> Iterator[VideoFrame]:
        return self.read


@dataclass(frozen=True, slots=True)
class AnimationSource:
    """An animated GIF, PNG or WebP file that is open; its times are in milliseconds."""

    picture: PictureFile
    info: VideoInfo
    copied_from: Path | None = None

    def frames(self, part: Part | None, after: Position | None, *, strict: bool) -> Frames:
        """See :class:`FrameSource`."""
        return _Sequence(_between(self._decode(), self.info, part, after))

    def _decode(self) -> Iterator[VideoFrame]:
        before: Planes | None = None
        now_ms = 0.0
        for index, frame in enumerate(self.picture.frames()):
            pixels = _in_colour(frame)[:, :, : 3 + self.info.has_alpha]
            repeats = before is not None and np.array_equal(before, pixels)
            # Viewers show a frame of no duration for a tenth of a second.
            end_ms = now_ms + (frame.duration_ms or 100.0)
            pts = round(now_ms)
            yield VideoFrame(index, pts, round(end_ms) - pts, repeats, False, partial(_same, pixels))
            before, now_ms = pixels, end_ms


def made_up(
    name: str, size: Size, *, time_base: Fraction, frames: int, depth: int, has_alpha: bool
) -> VideoInfo:
    """What there is to know of frames that come from no video: sRGB, as BT.709 has its primaries.

    Args:
        name: for messages.
        size: of the frames.
        time_base: seconds a tick.
        frames: how many.
        depth: bits a sample, 8 or 10.
        has_alpha: whether there is a channel of opacity.
    """
    pixels = f"yuv{'a' if has_alpha else ''}420p{'' if depth == _8_BITS else '10le'}"
    return VideoInfo(
        name=name,
        container="",
        brand="",
        stream=-1,
        codec="",
        size=size,
        coded_size=size,
        orientation=1,
        sample_aspect_ratio=Fraction(1),
        pixel_format=PixelFormat(pixels, depth, "4:2:0", has_alpha),
        colour=Colour(primaries=1, transfer=1, matrix=1),
        time_base=time_base,
        frame_rate=None,
        frames=frames,
        frames_known=True,
        start=0,
        duration_s=None,
    )


@contextmanager
def open_animation(path: Path) -> Iterator[AnimationSource]:
    """Open an animated picture as a video.

    Raises:
        InputError: it can't be read, or does not move.
    """
    name = printable(path)
    with open_picture(path) as picture:
        info = picture.info
        if info.frames < 2:
            raise InputError(f"{name} is a still picture", hint=f"srcli upscale {name}")
        if info.mode is Mode.CMYK:
            raise InputError(f"{name} is CMYK, which no video is")
        has_alpha = info.has_alpha and any(map(_shines_through, picture.frames()))
        made = made_up(
            name, info.size, time_base=MILLISECOND, frames=info.frames, depth=8, has_alpha=has_alpha
        )
        yield AnimationSource(picture, made)


@dataclass(frozen=True, slots=True)
class FolderSource:
    """Numbered pictures, at the times of a video's frames or at an even rate.

    Attributes:
        pictures: in order.
        info: of the video, or made up.
        times: of the frames, (pts, duration); None for one tick each.
        copied_from: the video.
    """

    pictures: Sequence[Path]
    info: VideoInfo
    times: FrameSource | None = None
    name: str = field(default="")

    @property
    def copied_from(self) -> Path | None:
        """The video whose sound goes with the pictures."""
        return None if self.times is None else self.times.copied_from

    def frames(self, part: Part | None, after: Position | None, *, strict: bool) -> Frames:
        """See :class:`FrameSource`."""
        if self.times is None:
            return _Sequence(_between(self._even(), self.info, part, after))
        return _Sequence(self._timed(self.times.frames(part, after, strict=strict)))

    def _even(self) -> Iterator[VideoFrame]:
        for index, path in enumerate(self.pictures):
            yield VideoFrame(index, index, 1, False, False, partial(read_picture, path))

    def _timed(self, frames: Frames) -> Iterator[VideoFrame]:
        count = 0
        for frame in frames:
            count = frame.index + 1
            if frame.index >= len(self.pictures):
                raise InputError(
                    f"{self.name} has {len(self.pictures)} pictures, and the video more frames",
                    hint="take the pictures that --frames wrote of this video",
                )
            path = self.pictures[frame.index]
            yield VideoFrame(
                frame.index, frame.pts, frame.duration, False, frame.damaged, partial(read_picture, path)
            )
        if count < len(self.pictures):
            raise InputError(
                f"{self.name} has {len(self.pictures)} pictures, and the video {count} frames",
                hint="take the pictures that --frames wrote of this video",
            )


def open_folder(folder: Path, times: FrameSource | None, rate: float) -> FolderSource:
    """Numbered pictures as a video.

    Args:
        folder: of pictures, ordered by the last number in their names.
        times: a video that tells the times of the frames.
        rate: frames a second where there is none.

    Raises:
        InputError: there is no picture in it, or the first can't be read.
    """
    pictures = numbered_pictures(folder)
    name = printable(folder)
    if not pictures:
        raise InputError(f"no numbered pictures in {name}", hint="names such as 000001.png count")
    if times is not None:
        return FolderSource(pictures, times.info, times, name)
    with open_picture(pictures[0]) as picture:
        first = picture.info
    seconds = 1 / Fraction(rate).limit_denominator(1001)
    made = made_up(
        name,
        first.size,
        time_base=seconds,
        frames=len(pictures),
        depth=_8_BITS if first.depth == _8_BITS else 10,
        has_alpha=first.has_alpha,
    )
    return FolderSource(pictures, made, None, name)


def numbered_pictures(folder: Path) -> list[Path]:
    """The pictures of a folder whose names end in a number, in its order."""
    found = []
    if folder.is_dir():
        for path in folder.iterdir():
            number = re.search(r"(\d+)\D*$", path.stem, re.ASCII)
            if number and path.suffix.lower() in READABLE_EXTENSIONS and path.is_file():
                found.append((int(number[1]), path.name, path))
    return [path for _, _, path in sorted(found)]


def read_picture(path: Path) -> Planes:
    """The pixels of a picture, (height, width, 3 or 4) float32, 0..1.

    Raises:
        InputError: it can't be read.
    """
    with open_picture(path) as picture:
        return _in_colour(next(iter(picture.frames())))


def _shines_through(frame: Frame) -> bool:
    """Whether a frame is anywhere not opaque."""
    return frame.alpha is not None and bool(frame.alpha.min() < 1.0)


def _same(pixels: Planes) -> Planes:
    return pixels


def _in_colour(frame: Frame) -> Planes:
    """RGB, and alpha where there is some."""
    if frame.colour.shape[2] == 1:
        return stack(type(frame)(np.repeat(frame.colour, 3, axis=2), frame.alpha))
    return stack(frame)


def _between(
    frames: Iterator[VideoFrame], info: VideoInfo, part: Part | None, after: Position | None
) -> Iterator[VideoFrame]:
    """The frames of a part, counted from its first one, behind a position."""
    start = 0 if part is None else part.start_s / info.time_base
    stop = None if part is None or part.duration_s is None else start + part.duration_s / info.time_base
    index = 0
    for frame in frames:
        if stop is not None and frame.pts >= stop:
            return
        if frame.pts < start:
            continue
        if after is None or index > after.index:
            yield VideoFrame(index, frame.pts, frame.duration, frame.repeats, frame.damaged, frame.pixels)
        index += 1
