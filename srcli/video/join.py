"""Join segments and what surrounds the picture into the finished file."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, suppress
from fractions import Fraction
from math import lcm
from pathlib import Path
from typing import TYPE_CHECKING

from srcli.core.errors import OutputError
from srcli.core.names import printable
from srcli.video.containers import MUXERS
from srcli.video.copying import Between, dress, surroundings
from srcli.video.library import as_fraction, load_av, writing
from srcli.video.timing import stamps
from srcli.video.video import open_container
from srcli.video.y4m import write_frames

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from srcli.core.events import Progress
    from srcli.video.copying import Copied, Surroundings
    from srcli.video.library import Container, Packet, Stream
    from srcli.video.plan import EncodePlan, OutputPlan
    from srcli.video.segment import Segment
    from srcli.video.timing import Stamp

_LARGEST_SCALE = (1 << 31) - 1
"""Ticks a second that MP4 can tell."""


def join(
    segments: Sequence[Segment],
    plan: OutputPlan,
    output: Path | BinaryIO,
    source: Path | None,
    *,
    between: tuple[float, float | None] | None = None,
    progress: Progress | None = None,
) -> None:
    """Write the finished file: the segments' packets, and all other streams copied from the source.

    Packets of sound and subtitles, chapters, attachments, covers, languages, titles and dispositions come out
    as they went in.

    Args:
        segments: in order.
        plan: that they were made by.
        output: a path, whatever its extension, or a pipe (Matroska and Y4M only).
        source: the file to copy other streams from, or nothing for none.
        between: for a part of a video: from and to which second of the source (its first frame's time being
            0) packets are copied; the part's first frame then takes the time of the source's first one.
        progress: told packets of video as they are written.

    Raises:
        OutputError: the disk or the container refuses, or segments lack frames.
        InputError: the source changed or can't be read any more.
    """
    name = printable(output) if isinstance(output, Path) else "standard output"
    times = _times(segments, plan.encoding)
    with ExitStack() as stack:
        beside = stack.enter_context(surroundings(source, plan)) if source is not None else None
        stack.enter_context(writing(name))
        container = stack.enter_context(_opened(output, plan, beside))
        if plan.container == "y4m":
            write_frames(segments, plan.encoding, container, progress)
            return
        window = _window(segments, plan.encoding, beside, between)
        first = stack.enter_context(open_container(segments[0].path, name))
        video = _add_streams(container, plan, first.streams.video[0], beside, window)
        copied = beside.packets(window) if beside is not None else iter(())
        pictures = _pictures(segments, times, plan.encoding, window.shift)
        _write(container, video, pictures, copied, len(times), progress)


def _times(segments: Sequence[Segment], plan: EncodePlan) -> list[Stamp]:
    """Times of all packets of video, in the order of decoding, in ticks of the track."""
    shown: list[int] = []
    for segment in segments:
        relative = [packet.pts for packet in _packets(segment, plan)]
        if len(relative) != segment.frames:
            raise OutputError(
                f"segment {segment.path.name} holds {len(relative)} frames instead of {segment.frames}"
            )
        base = segment.first_pts * plan.time_base.numerator - min(relative)
        shown += [base + pts for pts in relative]
    return stamps(shown, segments[-1].end_pts * plan.time_base.numerator)


def _packets(segment: Segment, plan: EncodePlan) -> Iterator[Packet]:
    """A segment's packets, with times in ticks of the track."""
    ticks = plan.time_base.denominator
    with open_container(segment.path, segment.path.name) as container:
        stream = container.streams.video[0]
        base = as_fraction(stream.time_base) or Fraction(1, ticks)
        for packet in container.demux(stream):
            if packet.size:
                packet.pts = round(packet.pts * base * ticks)
                yield packet


@contextmanager
def _opened(output: Path | BinaryIO, plan: OutputPlan, beside: Surroundings | None) -> Iterator[Container]:
    av = load_av()
    muxer = MUXERS[plan.container]
    options: dict[str, str] = {}
    if plan.container in ("mp4", "mov"):
        ticks = plan.encoding.time_base.denominator
        # The default scale of 1000 would round the edit lists, and with them every start.
        common = lcm(ticks, *(beside.scales() if beside is not None else ()))
        options = {
            "movie_timescale": str(common if common <= _LARGEST_SCALE else ticks),
            "video_track_timescale": str(ticks),
            "movflags": "+faststart"
            + ("+use_metadata_tags" if beside is not None and beside.is_apples else ""),
        }
    if plan.container == "y4m":
        # FFmpeg counts depths above 8 bits among its experiments, for want of a standard.
        options["strict"] = "-1"
    if plan.container in ("mkv", "webm"):
        # Without numbers drawn by chance, the same work gives the same file.
        options["fflags"] = "+bitexact"
    target = str(output.absolute()) if isinstance(output, Path) else output
    container = av.open(target, "w", format=muxer, container_options=options)
    try:
        yield container
    except BaseException:
        # The error is told; what closing a half-written file says is its consequence.
        with suppress(av.error.FFmpegError, OSError):
            container.close()
        raise
    container.close()


def _window(
    segments: Sequence[Segment],
    plan: EncodePlan,
    beside: Surroundings | None,
    between: tuple[float, float | None] | None,
) -> Between:
    if between is None:
        return Between(None, None, -beside.origin if beside is not None else Fraction(0))
    start_s, end_s = between
    first = segments[0].first_pts * plan.time_base
    begin = first - Fraction(start_s)
    end = None if end_s is None else begin + Fraction(end_s)
    return Between(first, end, begin - first - (beside.origin if beside is not None else 0))


def _add_streams(
    container: Container,
    plan: OutputPlan,
    segment: Stream,
    beside: Surroundings | None,
    window: Between,
) -> Stream:
    if beside is None:
        return _add_video(container, plan, segment)
    beside.describe(container, window)
    video = None
    for each in plan.streams:
        if each.action == "encode":
            video = _add_video(container, plan, segment)
            dress(video, beside.stream(each.index))
        else:
            beside.add(container, each)
    assert video is not None, "a plan encodes one stream"
    return video


def _add_video(container: Container, plan: OutputPlan, segment: Stream) -> Stream:
    video = container.add_stream_from_template(segment, opaque=True)
    video.time_base = Fraction(1, plan.encoding.time_base.denominator)
    # Starting timecodes of MP4 are counted in frames of this rate.
    video.codec_context.framerate = plan.encoding.frame_rate
    if plan.encoding.codec == "h265" and plan.container in ("mp4", "mov"):
        # Apple's players take no other tag.
        video.codec_tag = "hvc1"
    if plan.encoding.codec == "vp9" and plan.encoding.pixel_format.has_alpha:
        video.metadata["alpha_mode"] = "1"
    return video


def _pictures(
    segments: Sequence[Segment], times: Sequence[Stamp], plan: EncodePlan, shift: Fraction
) -> Iterator[tuple[Fraction, Packet]]:
    base = Fraction(1, plan.time_base.denominator)
    ticks = round(shift / base)
    stamp = iter(times)
    for segment in segments:
        for packet in _packets(segment, plan):
            at = next(stamp)
            packet.pts, packet.dts, packet.duration = at.pts + ticks, at.dts + ticks, at.duration
            packet.time_base = base
            yield (at.dts + ticks) * base, packet


def _write(
    container: Container,
    video: Stream,
    pictures: Iterator[tuple[Fraction, Packet]],
    copied: Iterator[Copied],
    total: int,
    progress: Progress | None,
) -> None:
    """Merge by time: FFmpeg orders packets itself, as long as it need not hold many."""
    waiting = next(copied, None)
    for done, (time, packet) in enumerate(pictures, 1):
        while waiting is not None and waiting.time <= time:
            container.mux(waiting.packet)
            waiting = next(copied, None)
        packet.stream = video
        container.mux(packet)
        if progress is not None:
            progress(done, total)
    while waiting is not None:
        container.mux(waiting.packet)
        waiting = next(copied, None)
