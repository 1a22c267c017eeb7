"""Where frames go: segments of a video, one animated picture, a folder of numbered pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from srcli.core.files import atomic_path
from srcli.core.geometry import Size
from srcli.imaging.encode import encode_picture, plan_encoding
from srcli.imaging.picture import Frame, Metadata, Mode, PictureInfo
from srcli.upscaling.enlargement import unstack
from srcli.video.segment import SegmentWriter
from srcli.video.video import Position

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from srcli.core.arrays import Planes
    from srcli.imaging.encode import Encoding
    from srcli.pipeline.video.generate import Enlarged
    from srcli.pipeline.video.segments import SegmentJournal
    from srcli.pipeline.video.source import Frames
    from srcli.video.info import VideoInfo
    from srcli.video.plan import EncodePlan


class Sink(Protocol):
    """Takes the results of frames, in a thread of its own."""

    def take(self, frames: Iterator[Enlarged]) -> None:
        """Write the frames as they come."""


@dataclass(slots=True)
class SegmentSink:
    """Encodes frames into segments of a fixed number of frames, the last one excepted.

    Takes results that are ``encodable`` already.

    Attributes:
        journal: keeps them.
        plan: how.
        read: where the frames come from, to be asked for damage.
        written: told of each frame that is encoded.
        segment_done: told of each segment that is whole on the disk.
    """

    journal: SegmentJournal
    plan: EncodePlan
    read: Frames
    written: Callable[[Enlarged], None]
    segment_done: Callable[[int], None]

    def take(self, frames: Iterator[Enlarged]) -> None:
        """See :class:`Sink`.

        Raises:
            OutputError: the encoder or the disk refuses.
        """
        for first in frames:
            ahead = [first]
            # Not held until its segment is whole.
            del first
            self._write_segment(_begun(ahead, frames))
            self.segment_done(len(self.journal.notes) - 1)

    def _write_segment(self, frames: Iterator[Enlarged]) -> None:
        count = repeated = damaged = 0
        last = Position(0, 0)
        with SegmentWriter(self.journal.part, self.plan) as writer:
            for enlarged in frames:
                frame = enlarged.frame
                writer.write(enlarged.result, frame.pts, frame.duration)
                count, last = count + 1, Position(frame.index, frame.pts)
                repeated += enlarged.repeated
                damaged += frame.damaged
                self.written(enlarged)
                # Not held while the next is waited for.
                del enlarged, frame
                if count == self.plan.segment:
                    break
        self.journal.finish(
            writer.segment,
            last,
            repeated=repeated,
            damaged_frames=damaged,
            damaged_packets=self.read.damaged_packets,
        )


@dataclass(slots=True)
class AnimationSink:
    """Writes frames into one animated picture.

    Attributes:
        target: a file that is made.
        extension: of the output, which tells the format.
        size: of the frames.
        info: of the video.
        written: told of each frame that is encoded.
    """

    target: Path
    extension: str
    size: Size
    info: VideoInfo
    written: Callable[[Enlarged], None]

    def take(self, frames: Iterator[Enlarged]) -> None:
        """See :class:`Sink`.

        Raises:
            OutputError: the encoder or the disk refuses.
        """
        encode_picture(self.target, self._timed(frames), plan_animation(self.size, self.info, self.extension))

    def _timed(self, frames: Iterator[Enlarged]) -> Iterator[Frame]:
        for enlarged in frames:
            shown = unstack(enlarged.result, has_alpha=enlarged.result.shape[2] > 3)
            duration_ms = float(enlarged.frame.duration * self.info.time_base * 1000)
            yield Frame(shown.colour, shown.alpha, duration_ms)
            self.written(enlarged)


@dataclass(slots=True)
class PicturesSink:
    """Writes frames as numbered PNG files.

    Attributes:
        folder: that they go to; it is made where it is missing.
        info: of the video.
        overwrite: whether files that exist are replaced.
        written: told of each frame that is written.
    """

    folder: Path
    info: VideoInfo
    overwrite: bool
    written: Callable[[Enlarged], None]

    def take(self, frames: Iterator[Enlarged]) -> None:
        """See :class:`Sink`.

        Raises:
            OutputError: the disk refuses.
        """
        for enlarged in frames:
            target = picture_path(self.folder, enlarged.frame.index)
            with atomic_path(target, overwrite=self.overwrite) as temporary:
                write_picture(temporary, enlarged.result, self.info)
            self.written(enlarged)


def _begun(ahead: list[Enlarged], frames: Iterator[Enlarged]) -> Iterator[Enlarged]:
    """The frames from one on that was taken before; none is kept, and those that are not asked for stay."""
    yield ahead.pop()
    for enlarged in frames:
        yield enlarged
        del enlarged


def plan_animation(size: Size, info: VideoInfo, extension: str) -> Encoding:
    """How a video becomes an animated picture of a size, and what that loses.

    Raises:
        OutputError: the format holds no such size.
    """
    picture = _picture_info(size, info, frames=max(2, info.frames or 2), depth=8)
    return plan_encoding(picture, size, format=extension.lower().removeprefix("."), quality=None, strip=True)


def write_picture(path: Path, pixels: Planes, info: VideoInfo) -> None:
    """Write a frame of a video, (height, width, 3 or 4) float32 in 0..1, as a PNG file of 8 or 16 bits."""
    size = Size(*pixels.shape[:2])
    picture = _picture_info(size, info, frames=1, depth=8 if info.pixel_format.depth == 8 else 16)
    encoding = plan_encoding(picture, size, format="png", quality=None, strip=True)
    encode_picture(path, (unstack(pixels, has_alpha=pixels.shape[2] > 3),), encoding)


def picture_path(folder: Path, index: int) -> Path:
    """The file of a frame, counted from 1 as people do."""
    return folder / f"{index + 1:06}.png"


def _picture_info(size: Size, info: VideoInfo, *, frames: int, depth: int) -> PictureInfo:
    return PictureInfo(
        format="PNG",
        size=size,
        mode=Mode.RGB,
        depth=depth,
        has_alpha=info.has_alpha,
        frames=frames,
        loop=0 if frames > 1 else None,
        lossless=True,
        metadata=Metadata(),
    )
