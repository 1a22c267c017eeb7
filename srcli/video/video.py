"""A video that is open for reading."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Literal, TypeAlias

from srcli.core.errors import InputError
from srcli.core.geometry import Size
from srcli.core.names import printable
from srcli.video import decode
from srcli.video.deinterlace import deinterlaced, order_of
from srcli.video.frame import VideoFrame
from srcli.video.info import Interlace
from srcli.video.library import load_av, major_version, reading
from srcli.video.probe import choose_stream, probe, refuse_pictures, told_duration
from srcli.video.to_rgb import to_rgb

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path

    from srcli.video.decode import Shown
    from srcli.video.info import VideoInfo
    from srcli.video.library import Container, RawFrame, Stream

Deinterlace: TypeAlias = Literal["refuse", "auto", "on", "off"]
"""What is done with interlaced frames: an error, bwdif where flagged, bwdif for all, nothing."""

_PROBED_FRAMES = 3
_SEEKABLE = ("mov", "matroska")
"""Demuxers with an index by which seeking ends at a keyframe at or before the time."""
_TAIL = 2
"""Frames that may lack at the end of a file that tells its duration only, since that is rounded."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a video in time.

    Attributes:
        start_s: seconds after its first frame.
        duration_s: seconds, or nothing for all that follows.
    """

    start_s: float = 0.0
    duration_s: float | None = None

    def check(self, info: VideoInfo) -> None:
        """See that the part begins before the end of a video, where that is known.

        Raises:
            InputError: it does not.
        """
        if info.duration_s is not None and self.start_s >= info.duration_s > 0:
            raise InputError(
                f"{info.name} lasts {info.duration_s:g} s: nothing is left from {self.start_s:g} s on",
                hint="begin earlier: --start",
            )

    def length_s(self, whole_s: float) -> float:
        """How many seconds of a video that lasts so many lie in it."""
        left_s = max(0.0, whole_s - self.start_s)
        return left_s if self.duration_s is None else min(self.duration_s, left_s)


@dataclass(frozen=True, slots=True)
class Position:
    """The last frame that was finished in a run before.

    Attributes:
        index: as ``VideoFrame.index``.
        pts: as ``VideoFrame.pts``.
    """

    index: int
    pts: int


@contextmanager
def open_video(
    path: Path,
    *,
    name: str | None = None,
    stream: int | None = None,
    deinterlace: Deinterlace = "refuse",
    threads: int | None = None,
) -> Iterator[Video]:
    """Open a video file and look at its headers and its first frames.

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
        InputError: there is no such file, it is no video, has no video stream or no frame, is interlaced
            and that is to be refused, or it is a picture or an animation (the hint names `upscale`).
    """
    video = Video(path, name or printable(path), stream, deinterlace, threads)
    try:
        yield video
    finally:
        video.close()


class Video:
    """A video that is open; its file stays open until ``open_video`` ends.

    Attributes:
        path: of the file.
        info: about it.
    """

    def __init__(
        self, path: Path, name: str, stream: int | None, deinterlace: Deinterlace, threads: int | None
    ) -> None:
        load_av()
        self.path = path
        self._wanted, self._deinterlace, self._threads = stream, deinterlace, threads
        self._name = name
        self._open: list[Container] = []
        container, chosen = self._opened()
        damage = decode.Damage(name, strict=False)
        with reading(name):
            frames = decode.raw_frames(container, chosen, decode.decoder(chosen, threads), damage)
            first = list(islice(frames, _PROBED_FRAMES))
        if not first:
            self.close()
            raise InputError(f"cannot read {name}: no frame of it can be decoded")
        self.info: VideoInfo = probe(container, chosen, first, name)
        self._unmarked = _unmarked(self.info, first)
        del frames, first
        self.close()
        if deinterlace == "refuse" and self.info.interlace is not Interlace.PROGRESSIVE:
            raise _interlaced(name, self.info.interlace, way="auto" if self._unmarked is None else "on")
        if deinterlace == "auto" and self._unmarked is not None:
            note = f"its frames stay as they are: its header alone says interlaced ({self._unmarked})"
            self.info = replace(self.info, notes=(*self.info.notes, f"{note}; --deinterlace on changes them"))

    def frames(
        self, part: Part | None = None, *, after: Position | None = None, strict: bool = False
    ) -> FrameReader:
        """Frames of the whole video or of a part.

        Args:
            part: in time; frames whose time lies in it.
            after: go on behind this frame, with the same indices and pixels as without; by seeking where that
                is exact.
            strict: whether damage is an error instead of being counted.
        """
        return FrameReader(self, part or Part(), after, strict=strict)

    def close(self) -> None:
        """Close the file; readers can't go on then."""
        while self._open:
            self._open.pop().close()

    def _opened(self) -> tuple[Container, Stream]:
        container = open_container(self.path, self._name)
        self._open.append(container)
        try:
            refuse_pictures(container, self._name)
            return container, choose_stream(container, self._wanted, self._name)
        except InputError:
            self.close()
            raise


class FrameReader:
    """Frames in the order in which they are shown, each once.

    Attributes:
        missing: after the last frame: how many frames the file promised and did not give, 0 where it promised
            nothing.
        resized: frames of another size than the first, brought to that.
    """

    def __init__(self, video: Video, part: Part, after: Position | None, *, strict: bool) -> None:
        self.missing = 0
        self.resized = 0
        self._video, self._part, self._after = video, part, after
        self._damage = decode.Damage(video.info.name, strict=strict)
        self._decoded = 0
        self._jumped = False

    @property
    def damaged_packets(self) -> int:
        """Packets that could not be decoded, up to now."""
        return self._damage.packets

    @property
    def damaged_frames(self) -> int:
        """Frames with concealed errors, up to now."""
        return self._damage.frames

    def __iter__(self) -> Iterator[VideoFrame]:
        """Decode.

        Raises:
            InputError: nothing can be decoded, damage with ``strict``, or an interlaced frame that is to be
                refused.
        """
        info, after = self._video.info, self._after
        wanted = (shown for shown in self._selected() if after is None or shown.pts > after.pts)
        before = None
        for index, shown in enumerate(wanted, 0 if after is None else after.index + 1):
            frame = shown.frame
            yield VideoFrame(
                index,
                shown.pts,
                shown.duration,
                decode.same_samples(frame, before),
                bool(frame.is_corrupt),
                partial(to_rgb, frame, info.colour, info.orientation),
            )
            before = frame

    def _selected(self) -> Iterator[Shown]:
        """The frames of the part from its first one on, or from one at or before the place to go on at."""
        info, part = self._video.info, self._part
        start = (info.start or 0) + round(part.start_s / float(info.time_base))
        stop = None if part.duration_s is None else start + round(part.duration_s / float(info.time_base))
        first = last = None
        for shown in self._shown(self._sought(start)):
            if stop is not None and shown.pts >= stop:
                return
            first, last = first or shown, shown
            if shown.pts >= start or part.start_s <= 0:
                yield shown
        if first is not None and last is not None:
            self._count_missing(first, last)

    def _sought(self, start: int) -> int | None:
        """The time that reading can begin at, or nothing for the beginning."""
        if self._after is not None:
            return self._after.pts
        return start if self._part.start_s > 0 else None

    def _shown(self, sought: int | None) -> Iterator[Shown]:
        """Frames from a time on, or from the beginning where seeking isn't exact."""
        if sought is not None and self._video.info.container in _SEEKABLE:
            frames = self._decode(sought)
            first = next(frames, None)
            if first is not None and first.pts <= sought:
                yield first
                yield from frames
                return
            frames.close()
        yield from self._decode(None)

    def _decode(self, sought: int | None) -> Generator[Shown]:
        video = self._video
        container, stream = video._opened()
        try:
            self._stream, self._decoded, self._jumped = stream, 0, sought is not None
            if sought is not None:
                container.seek(sought, stream=stream)
            context = decode.decoder(stream, video._threads)
            raw = self._checked(decode.raw_frames(container, stream, context, self._damage))
            shown = decode.timed(raw, video.info, _end(stream))
            if video._deinterlace in ("auto", "on"):
                flagged = video._deinterlace == "auto"
                shown = deinterlaced(shown, flagged=flagged, order=None if flagged else video._unmarked)
            yield from shown
        finally:
            # Whoever stopped reading may have closed the video before.
            if container in video._open:
                video._open.remove(container)
                container.close()

    def _checked(self, frames: Iterator[RawFrame]) -> Iterator[RawFrame]:
        video, size = self._video, self._video.info.coded_size
        for frame in frames:
            self._decoded += 1
            if video._deinterlace == "refuse" and frame.interlaced_frame:
                raise _interlaced(video._name, order_of(frame), _seconds(frame))
            if Size(frame.height, frame.width) != size:
                self.resized += 1
                yield _resized(frame, size)
            else:
                yield frame

    def _count_missing(self, first: Shown, last: Shown) -> None:
        info = self._video.info
        if info.frames_known and not self._jumped:
            promised = (info.frames or 0) - self._damage.discarded
            self.missing = max(0, promised - self._decoded)
            return
        told = told_duration(self._stream)
        if told is None or not info.frame_rate:
            return
        # Frames tell their distance better than a header that names too high a rate.
        seen = Fraction(last.pts - first.pts, max(1, self._decoded - 1)) * info.time_base
        step = max(1 / info.frame_rate, seen)
        lacking = round((told - last.pts * info.time_base) / step) - 1
        self.missing = lacking if lacking > _TAIL else 0


def open_container(path: Path, name: str) -> Container:
    """A file as FFmpeg opens it.

    Raises:
        InputError: it can't be.
    """
    av = load_av()
    lenient = {} if major_version(av) >= 19 else {"metadata_errors": "replace"}
    with reading(name):
        # As an absolute path, so that no name is taken for a protocol or an option.
        return av.open(str(path.absolute()), **lenient)


def _unmarked(info: VideoInfo, frames: Sequence[RawFrame]) -> Interlace | None:
    """The order of fields that a header tells of frames which are not marked themselves."""
    marked = any(frame.interlaced_frame for frame in frames)
    return None if marked or info.interlace is Interlace.PROGRESSIVE else info.interlace


def _end(stream: Stream) -> int | None:
    return stream.start_time + stream.duration if stream.duration and stream.start_time is not None else None


def _seconds(frame: RawFrame) -> str:
    return "" if frame.pts is None else f" from {float(frame.pts * frame.time_base):.2f} s on"


def _interlaced(name: str, interlace: Interlace, since: str = "", *, way: str = "auto") -> InputError:
    return InputError(
        f"cannot read {name}: it is interlaced ({interlace.value}){since}",
        hint=f"add --deinterlace {way}, or --deinterlace off to take its frames as they are",
    )


def _resized(frame: RawFrame, size: Size) -> RawFrame:
    resized = frame.reformat(width=size.width, height=size.height, interpolation="BICUBIC")
    resized.pts, resized.time_base = frame.pts, frame.time_base
    return resized
