"""Segments: whole files with some frames each, from which a video is joined."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Self

from srcli.core.errors import OutputError
from srcli.core.names import printable
from srcli.video.from_rgb import from_rgb
from srcli.video.library import load_av, reason, writing
from srcli.video.scheduling import usual_scheduling

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    import numpy.typing as npt

    from srcli.video.library import Container, Packet, RawFrame, Stream
    from srcli.video.plan import EncodePlan

FULL, LIMITED = 2, 1
"""FFmpeg's numbers of ranges."""
_LARGEST_LAG = 16
"""Frames by which decoding may go ahead of showing in H.264 and H.265."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A finished segment.

    Attributes:
        path: of its file.
        first_pts: when its first frame is shown, in ticks of the plan's time base.
        end_pts: when its last frame ends.
        frames: how many there are.
    """

    path: Path
    first_pts: int
    end_pts: int
    frames: int


def encodable(pixels: npt.NDArray[Any], plan: EncodePlan) -> RawFrame:
    """A frame as an encoder takes it, in an eighth of the memory of its pixels where those are float32.

    Any thread may call it.

    Args:
        pixels: (height, width, 3 or 4) of the plan's size, RGB, opacity last: float32 in 0..1, or uint8.
            Values outside are clipped; float values are rounded once, to the depth that is stored. Where
            the plan stores opacity and there are three channels, they count as opaque; where it doesn't,
            opacity is left out.
        plan: how it is written.
    """
    assert pixels.shape[:2] == plan.size, f"{pixels.shape} is not {plan.size}"
    frame = from_rgb(pixels, plan.pixel_format, plan.colour)
    frame.color_range = FULL if plan.colour.full_range else LIMITED
    frame.colorspace = plan.colour.matrix
    return frame


class SegmentWriter:
    """Encode frames into a file that is whole when the writer is left without an error.

    The bytes depend on the plan, the frames and the versions of the libraries alone. The file is synced to
    disk; naming it only then is the caller's part.

    Args:
        path: of the file to write, with the extension that ``segment_suffix`` gives.
        plan: how.

    Attributes:
        packet_bytes: of each frame that the encoder gave, in the order of decoding.
    """

    def __init__(self, path: Path, plan: EncodePlan) -> None:
        self._path, self._plan = path, plan
        self._container: Container = None
        self._stream: Stream = None
        self._first = self._end = self._frames = 0
        self._last: int | None = None
        self._shown: list[int] = []
        self._lengths: dict[int, int] = {}
        self._held: Packet = None
        self.packet_bytes: list[int] = []

    def write(self, frame: RawFrame, pts: int, duration: int) -> None:
        """Encode a frame.

        Args:
            frame: from ``encodable``, of the same plan; the same one may be written again.
            pts: when it is shown, in ticks; greater than the one before.
            duration: how long, in ticks.

        Raises:
            OutputError: the encoder or the disk refuses.
        """
        plan = self._plan
        assert self._last is None or pts > self._last, f"{pts} is not after {self._last}"
        if self._last is None:
            self._first = pts
        ticks = plan.time_base.numerator
        frame.pts, frame.duration = (pts - self._first) * ticks, duration * ticks
        frame.time_base = Fraction(1, plan.time_base.denominator)
        self._shown.append(frame.pts)
        self._lengths[frame.pts] = frame.duration
        self._last, self._end = pts, pts + duration
        self._frames += 1
        with writing(printable(self._path)):
            self._mux(self._stream.encode(frame))

    @property
    def segment(self) -> Segment:
        """What was written, once the writer was left."""
        return Segment(self._path, self._first, self._end, self._frames)

    def __enter__(self) -> Self:
        """Open the encoder.

        Raises:
            OutputError: the encoder or the disk refuses.
        """
        av = load_av()
        plan = self._plan
        scale = str(plan.time_base.denominator)
        muxer = "matroska" if segment_suffix(plan) == ".mkv" else segment_suffix(plan)[1:]
        options = {} if muxer == "matroska" else {"movie_timescale": scale, "video_track_timescale": scale}
        with writing(printable(self._path)):
            self._container = av.open(
                str(self._path.absolute()), "w", format=muxer, container_options=options
            )
        try:
            with writing(printable(self._path)):
                self._stream = add_encoder(self._container, plan)
        except BaseException:
            self._discard()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the file, or remove it after an error."""
        if kind is not None:
            self._discard()
            return
        try:
            with writing(printable(self._path)):
                self._finish()
                self._container.close()
                with self._path.open("rb") as file:
                    os.fsync(file.fileno())
        except BaseException:
            self._discard()
            raise

    def _mux(self, packets: list[Packet]) -> None:
        for packet in packets:
            # x265 makes up decoding times for streams of a frame or two, and joining makes new ones anyway.
            behind = len(self.packet_bytes) - _LARGEST_LAG
            packet.dts = self._shown[behind] if behind >= 0 else self._shown[0] + behind
            self.packet_bytes.append(packet.size)
            # Encoders tell none.
            packet.duration = self._lengths.pop(packet.pts, 0)
            if self._held is not None:
                self._container.mux(self._held)
            self._held = packet

    def _finish(self) -> None:
        """Write what the encoder holds, the last packet so long that the track reaches to its end."""
        self._mux(self._stream.encode())
        if self._held is not None:
            # MP4 counts by decoding times; readers leave out what lies behind a track's end.
            end = (self._end - self._first) * self._plan.time_base.numerator
            reaches = end - self._held.dts - _LARGEST_LAG
            self._held.duration = max(self._held.duration, reaches)
            self._container.mux(self._held)

    def _discard(self) -> None:
        errors = load_av().error
        if self._container is not None:
            # What failed before is told; an error here is its consequence.
            with suppress(errors.FFmpegError, OSError):
                self._container.close()
        self._path.unlink(missing_ok=True)


def add_encoder(container: Container, plan: EncodePlan) -> Stream:
    """A stream with an open encoder, ready for frames.

    Raises:
        OutputError: the encoder refuses the plan.
    """
    av = load_av()
    base = Fraction(1, plan.time_base.denominator)
    try:
        stream = container.add_stream(plan.encoder, rate=plan.frame_rate, options=dict(plan.options))
        context = stream.codec_context
        context.width, context.height = plan.size.width, plan.size.height
        context.pix_fmt = plan.pixel_format.name
        context.time_base = stream.time_base = base
        context.thread_count = plan.threads
        context.color_range = FULL if plan.colour.full_range else LIMITED
        context.color_primaries, context.color_trc = plan.colour.primaries, plan.colour.transfer
        context.colorspace = plan.colour.matrix
        if plan.encoder not in ("ffv1", "prores_ks"):
            context.gop_size = plan.segment
        if plan.sample_aspect_ratio != 1:
            context.sample_aspect_ratio = plan.sample_aspect_ratio
        with usual_scheduling():
            context.open()
    except (av.error.FFmpegError, ValueError, OSError) as error:
        what = f"{plan.size} {plan.pixel_format.name}"
        raise OutputError(f"encoder {plan.encoder} refuses {what}: {reason(error)}") from error
    return stream


def segment_suffix(plan: EncodePlan) -> str:
    """The extension of segments of a plan, with its dot."""
    if plan.codec == "prores":
        return ".mov"
    # VP9 keeps opacity in what only Matroska holds beside a packet.
    return ".mkv" if plan.codec == "vp9" and plan.pixel_format.has_alpha else ".mp4"
