"""Packets to frames with times, damage counted."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple, NoReturn

import numpy as np

from srcli.core.errors import InputError
from srcli.video.library import as_fraction, load_av, reason
from srcli.video.pixel_formats import as_planar, planes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.video.info import VideoInfo
    from srcli.video.library import CodecContext, Container, RawFrame, Stream


class Shown(NamedTuple):
    """A decoded frame and when it is shown, in ticks of ``VideoInfo.time_base``."""

    frame: RawFrame
    pts: int
    duration: int


class Damage:
    """What goes wrong while packets are decoded.

    Attributes:
        packets: that could not be decoded.
        frames: with concealed errors.
        discarded: frames that the file itself says are not shown.
        strict: whether damage is an error.
    """

    def __init__(self, name: str, *, strict: bool) -> None:
        self.packets = 0
        self.frames = 0
        self.discarded = 0
        self.strict = strict
        self._name = name

    def refuse(self, why: str, hint: str) -> NoReturn:
        """Give up.

        Raises:
            InputError: always.
        """
        raise InputError(f"cannot read {self._name}: {why}", hint=hint)

    def packet(self, error: Exception, at: str) -> None:
        """Count a packet.

        Raises:
            InputError: damage is an error.
        """
        self.packets += 1
        if self.strict:
            raise InputError(f"cannot read {self._name}: damaged {at}: {reason(error)}") from error

    def frame(self, at: str) -> None:
        """Count a frame.

        Raises:
            InputError: damage is an error.
        """
        self.frames += 1
        if self.strict:
            raise InputError(f"cannot read {self._name}: a damaged frame {at}")


def decoder(stream: Stream, threads: int | None) -> CodecContext:
    """The decoder of a stream: its own, or one that knows of opacity where that doesn't."""
    av = load_av()
    name = stream.codec.canonical_name
    if name in ("vp8", "vp9") and "1" in (stream.metadata.get(key) for key in ("alpha_mode", "ALPHA_MODE")):
        # FFmpeg's own decoders leave opacity out without a word.
        context = av.CodecContext.create("libvpx" if name == "vp8" else "libvpx-vp9", "r")
        context.extradata = stream.codec_context.extradata
        context.thread_count = threads or 0
        return context
    context = stream.codec_context
    context.thread_count = threads or 0
    return context


def raw_frames(
    container: Container, stream: Stream, context: CodecContext, damage: Damage
) -> Iterator[RawFrame]:
    """Decode from where the container stands to its end.

    Raises:
        InputError: it is encrypted, or damage is an error.
    """
    av = load_av()
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            break
        except av.error.FFmpegError as error:
            # Demuxers give up for good.
            damage.packet(error, "behind its last readable packet")
            break
        if packet.has_sidedata("encryption_info"):
            damage.refuse("it is encrypted", hint="take it without its encryption: srcli has no keys")
        damage.discarded += bool(packet.is_discard)
        if packet.size or context is stream.codec_context:
            yield from _decoded(context, packet, stream, damage)
    if context is not stream.codec_context:
        yield from _decoded(context, None, stream, damage)


def _decoded(context: CodecContext, packet: object, stream: Stream, damage: Damage) -> Iterator[RawFrame]:
    av = load_av()
    try:
        frames = context.decode(packet)
    except av.error.EOFError:
        return
    except av.error.FFmpegError as error:
        damage.packet(error, _at(packet, stream))
        return
    for frame in frames:
        if frame.is_corrupt:
            damage.frame(_at(frame, stream))
        yield frame


def _at(thing: object, stream: Stream) -> str:
    pts = getattr(thing, "pts", None)
    base = as_fraction(stream.time_base)
    return "at an unknown time" if pts is None or base is None else f"at {float(pts * base):.2f} s"


def timed(frames: Iterator[RawFrame], info: VideoInfo, end: int | None = None) -> Iterator[Shown]:
    """Give each frame its time and its duration; times always grow.

    Frames without a time, or with one that lies before the last frame's, follow that by its duration.

    Args:
        frames: in the order in which they are shown.
        info: about the video.
        end: when the last frame ends as the file says, in ticks, or nothing.
    """
    usual = _usual_duration(info)
    held: RawFrame | None = None
    held_pts, expected, longest, alone = 0, info.start or 0, usual, True
    for frame in frames:
        # The times of raw streams are made up by counting.
        pts = None if info.start is None else stored_time(frame, info.container)
        if pts is None or (held is not None and pts <= held_pts):
            pts = expected
        if held is not None:
            longest, alone = max(longest, pts - held_pts), False
            yield Shown(held, held_pts, pts - held_pts)
        own = (frame.duration if info.start is not None else 0) or usual
        held, held_pts, expected, longest = frame, pts, pts + own, max(longest, own)
    if held is not None:
        # With reordered frames, MP4's durations belong to the order of decoding. The track's end is surer,
        # unless it lies so far off that frames must be missing, or no frame lasts so short a time.
        told, least = 0 if end is None else end - held_pts, usual // 2 if alone else 0
        yield Shown(held, held_pts, told if least < told <= longest else expected - held_pts)


def stored_time(frame: RawFrame, container: str) -> int | None:
    """When a frame is shown as its file says, in the stream's ticks, or nothing.

    Args:
        frame: decoded.
        container: as ``VideoInfo.container``.
    """
    # AVI has no times: FFmpeg counts its packets, which is the time of showing only in the order of showing.
    pts = None if container == "avi" else frame.pts
    found: int | None = frame.dts if pts is None else pts
    return found


def _usual_duration(info: VideoInfo) -> int:
    rate = info.frame_rate or Fraction(25)
    return max(1, round(1 / (rate * info.time_base)))


def same_samples(frame: RawFrame, before: RawFrame | None) -> bool:
    """Whether two frames store exactly the same samples."""
    if before is None or (frame.format.name, frame.width, frame.height) != (
        before.format.name,
        before.width,
        before.height,
    ):
        return False
    pairs = zip(planes(as_planar(frame)), planes(as_planar(before)), strict=True)
    return all(np.array_equal(one, other) for one, other in pairs)
