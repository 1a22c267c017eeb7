"""A video that is open for reading."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from srcli.video.frame import VideoFrame
    from srcli.video.info import VideoInfo

Deinterlace: TypeAlias = Literal["refuse", "auto", "on", "off"]
"""What is done with interlaced frames: an error, bwdif where flagged, bwdif for all, nothing."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a video in time.

    Attributes:
        start_s: seconds after its first frame.
        duration_s: seconds, or nothing for all that follows.
    """

    start_s: float = 0.0
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """The last frame that was finished in a run before.

    Attributes:
        index: as ``VideoFrame.index``.
        pts: as ``VideoFrame.pts``.
    """

    index: int
    pts: int


class FrameReader:
    """Frames in the order in which they are shown, each once.

    Attributes:
        damaged_packets: packets that could not be decoded, up to now.
        damaged_frames: frames with concealed errors, up to now.
        missing: after the last frame: how many frames the file promised and did not give, 0 where it promised
            nothing.
    """

    damaged_packets: int
    damaged_frames: int
    missing: int

    def __iter__(self) -> Iterator[VideoFrame]:
        """Decode.

        Raises:
            InputError: nothing can be decoded, damage with ``strict``, a frame of another size, or an
                interlaced frame that is to be refused.
        """
        raise NotImplementedError


class Video:
    """A video that is open; its file stays open until ``open_video`` ends.

    Attributes:
        path: of the file.
        info: about it.
    """

    path: Path
    info: VideoInfo

    def frames(
        self, part: Part | None = None, *, after: Position | None = None, strict: bool = False
    ) -> FrameReader:
        """Frames of the whole video or of a part.

        Args:
            part: in time; frames whose time lies in it.
            after: go on behind this frame, with the same indices and pixels as without; by seeking where
                that is exact.
            strict: whether damage is an error instead of being counted.
        """
        raise NotImplementedError


@contextmanager
def open_video(
    path: Path,
    *,
    name: str | None = None,
    stream: int | None = None,
    deinterlace: Deinterlace = "refuse",
    threads: int | None = None,
) -> Iterator[Video]:
    """Open a video file and look at its headers and its first frame.

    A pipe is to be spooled into a file first (``srcli.video.spool``), since the other streams are read a
    second time.

    Args:
        path: of a file that can be read at any place.
        name: for messages; by default the path.
        stream: index of the video stream; by default the best one that is no cover.
        deinterlace: what is done with interlaced frames.
        threads: of the decoder; by default as many as there are processors.

    Raises:
        MissingExtra: the extra `video` is missing.
        InputError: there is no such file, it is no video, has no video stream or no frame, or it is a
            picture or an animation (the hint names `upscale`).
    """
    raise NotImplementedError
    yield
