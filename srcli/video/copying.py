"""The streams beside the video, packet by packet."""

from __future__ import annotations

from contextlib import contextmanager
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from srcli.core.names import printable
from srcli.video.containers import cover_type
from srcli.video.library import as_fraction, load_av, reading
from srcli.video.metadata import kept_metadata, needs_keys
from srcli.video.probe import is_cover
from srcli.video.subtitles import reframed
from srcli.video.video import open_container

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from srcli.video.library import Container, Packet, Stream
    from srcli.video.plan import OutputPlan
    from srcli.video.streams import StreamPlan

_ABSOLUTE = ("mov", "matroska")
"""Demuxers whose times begin where their makers meant them to; others begin anywhere."""


class Copied(NamedTuple):
    """A packet on its way, with its time in seconds."""

    time: Fraction
    packet: Packet


class Between(NamedTuple):
    """What is copied, in seconds of the source.

    Attributes:
        start: packets that end at or before this are left out; nothing keeps all.
        end: packets from here on are left out.
        shift: added to all times.
    """

    start: Fraction | None
    end: Fraction | None
    shift: Fraction


class Surroundings:
    """A source's streams beside its video.

    Args:
        container: the source, open.
        plan: what becomes of each stream.
    """

    def __init__(self, container: Container, plan: OutputPlan) -> None:
        self._container, self._plan = container, plan
        self._targets: dict[int, tuple[Stream, StreamPlan]] = {}

    @property
    def origin(self) -> Fraction:
        """The time in seconds that counts as 0: for transport streams and their like where they begin."""
        container = self._container
        if container.format.name.startswith(_ABSOLUTE) or not container.start_time:
            return Fraction(0)
        return Fraction(container.start_time, 1_000_000)

    def stream(self, index: int) -> Stream:
        """A stream of the source."""
        return self._container.streams[index]

    @property
    def is_apples(self) -> bool:
        """Whether metadata go by Apple's names."""
        return needs_keys(self._container.metadata)

    def scales(self) -> Iterator[int]:
        """Ticks a second of the streams that are copied, and samples a second of sound."""
        for each in self._plan.streams:
            stream = self.stream(each.index)
            if each.action in ("copy", "convert") and stream.time_base:
                yield stream.time_base.denominator
                yield getattr(stream, "sample_rate", None) or 1

    def describe(self, output: Container, between: Between) -> None:
        """Copy metadata and chapters of the file."""
        output.metadata.update(kept_metadata(self._container.metadata))
        chapters = list(_chapters(self._container, between))
        if chapters:
            output.set_chapters(chapters)

    def add(self, output: Container, each: StreamPlan) -> None:
        """Make the stream that a stream of the source goes into."""
        source = self._container.streams[each.index]
        if each.action == "attach":
            _attach(output, source, self._container, each)
            return
        if each.action == "copy":
            target = output.add_stream_from_template(source, opaque=True)
            target.time_base = source.time_base
        elif each.action == "convert":
            target = output.add_mux_stream(each.into)
            target.time_base = Fraction(1, 1000)
        else:
            return
        dress(target, source)
        self._targets[each.index] = target, each

    def packets(self, between: Between) -> Iterator[Copied]:
        """All packets to copy, about in the order of their times, each with the stream that it goes into.

        Raises:
            InputError: the source can't be read any more.
        """
        streams = [self._container.streams[index] for index in self._targets]
        if not streams:
            return
        av = load_av()
        packets = self._container.demux(*streams)
        while True:
            try:
                packet = next(packets)
            except (StopIteration, av.error.FFmpegError):
                # A damaged end was told of when frames were read.
                return
            if packet.size == 0:
                continue
            target, each = self._targets[packet.stream.index]
            cover = is_cover(packet.stream) if packet.stream.type == "video" else False
            time = Fraction(0) if cover else _placed(packet, between)
            if time is None:
                continue
            if each.action == "convert":
                packet = _converted(packet, each)
            packet.stream = target
            yield Copied(time, packet)


@contextmanager
def surroundings(path: Path, plan: OutputPlan) -> Iterator[Surroundings]:
    """Open a source once more, for what surrounds its video."""
    container = open_container(path, printable(path))
    try:
        with reading(printable(path)):
            yield Surroundings(container, plan)
    finally:
        container.close()


def dress(target: Stream, source: Stream) -> None:
    """Copy language, titles and dispositions."""
    metadata = kept_metadata(source.metadata)
    if "name" in metadata:
        # What FFmpeg writes to MP4 as a title it reads as a name.
        metadata.setdefault("title", metadata["name"])
    target.metadata.update(metadata)
    target.disposition = source.disposition


def _attach(output: Container, source: Stream, container: Container, each: StreamPlan) -> None:
    metadata = source.metadata
    if each.kind == "cover":
        extension, media_type = cover_type(each.codec)
        picture = next(packet for packet in container.demux(source) if packet.size)
        output.add_attachment(metadata.get("filename") or f"cover.{extension}", media_type, bytes(picture))
        container.seek(0)
        return
    name = source.name or metadata.get("filename") or f"attachment-{each.index}"
    media_type = source.mimetype or metadata.get("mimetype") or "application/octet-stream"
    output.add_attachment(name, media_type, source.data)


def _placed(packet: Packet, between: Between) -> Fraction | None:
    """Move a packet in time: its new time in seconds, or nothing where it lies outside."""
    base = as_fraction(packet.time_base)
    at = packet.pts if packet.pts is not None else packet.dts
    if base is None or at is None:
        return Fraction(0)
    start, end = at * base, (at + (packet.duration or 0)) * base
    if between.start is not None and end <= between.start:
        return None
    if between.end is not None and start >= between.end:
        return None
    ticks = round(between.shift / base)
    if packet.pts is not None:
        packet.pts += ticks
    if packet.dts is not None:
        packet.dts += ticks
    # Containers are written in the order of decoding.
    decoded = packet.dts if packet.dts is not None else at + ticks
    return Fraction(int(decoded)) * base


def _converted(packet: Packet, each: StreamPlan) -> Packet:
    assert each.into is not None
    new = load_av().Packet(reframed(bytes(packet), each.codec, each.into))
    new.pts, new.dts, new.duration = packet.pts, packet.dts, packet.duration
    new.time_base = packet.time_base
    return new


def _chapters(container: Container, between: Between) -> Iterator[dict[str, object]]:
    for chapter in container.chapters():
        base = as_fraction(chapter["time_base"]) or Fraction(1, 1000)
        start, end = chapter["start"] * base, chapter["end"] * base
        if (between.start is not None and end <= between.start) or (
            between.end is not None and start >= between.end
        ):
            continue
        start = max(start, between.start) if between.start is not None else start
        end = min(end, between.end) if between.end is not None else end
        yield {
            **chapter,
            "start": round((start + between.shift) / base),
            "end": round((end + between.shift) / base),
        }
