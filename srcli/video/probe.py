"""Look at a video's headers and its first frames."""

from __future__ import annotations

from fractions import Fraction
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from srcli.core.errors import InputError
from srcli.core.geometry import Size
from srcli.video import coefficients, side_data
from srcli.video.decode import stored_time
from srcli.video.deinterlace import order_of
from srcli.video.info import Colour, Interlace, StreamInfo, VideoInfo
from srcli.video.library import as_fraction
from srcli.video.metadata import kept_metadata
from srcli.video.orientation import orientation_of, swaps
from srcli.video.pixel_formats import planar
from srcli.video.siting import chroma_place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.video.info import PixelFormat
    from srcli.video.library import Container, RawFrame, Stream

_ATTACHED_PICTURE = 1 << 10
_FULL_RANGE = 2
_BRANDS = {
    "mpegts": "ts",
    "yuv4mpegpipe": "y4m",
    "ogg": "ogv",
    "h264": "raw",
    "hevc": "raw",
    "m4v": "raw",
    "mpegvideo": "raw",
    "vvc": "raw",
    "obu": "raw",
}
_PICTURES = ("gif", "apng", "image2", "_pipe", "webp", "jpegxl", "ico")
_FIELD_ORDERS = {
    2: Interlace.TOP_FIRST,
    3: Interlace.BOTTOM_FIRST,
    4: Interlace.BOTTOM_FIRST,
    5: Interlace.TOP_FIRST,
}
"""FFmpeg's numbers of the order in which fields are coded and shown, by how they are shown."""
_PLAIN_RATE = Fraction(25)
_NO_RATE = Fraction(1000)
"""Frames a second that no video has: FFmpeg tells the clock's own rate where it finds no better one."""


class _Times(NamedTuple):
    """What a file says of time, as ``VideoInfo`` has it."""

    base: Fraction
    rate: Fraction | None
    frames: int | None
    start: int | None
    duration_s: float | None


def refuse_pictures(container: Container, name: str) -> None:
    """Turn away what FFmpeg opens as a video and is a picture, an animation or a text.

    Raises:
        InputError: it is one.
    """
    format_name = container.format.name
    if any(word in format_name for word in _PICTURES):
        raise InputError(
            f"cannot read {name}: it is a picture or an animation, not a video",
            hint=f"srcli upscale {name}",
        )
    if format_name == "tty":
        raise InputError(f"cannot read {name}: it is not a video")


def choose_stream(container: Container, wanted: int | None, name: str) -> Stream:
    """The video stream to read: the one wished for, or FFmpeg's best one that is no cover.

    Raises:
        InputError: there is none, or none that can be decoded.
    """
    videos = [stream for stream in container.streams.video if not is_cover(stream)]
    if wanted is not None:
        chosen = next((stream for stream in videos if stream.index == wanted), None)
        if chosen is None:
            indices = ", ".join(str(stream.index) for stream in videos) or "none"
            raise InputError(
                f"cannot read {name}: stream {wanted} is no video; its video streams are {indices}"
            )
        videos = [chosen]
    if not videos:
        raise InputError(f"cannot read {name}: it holds no video stream")
    decodable = [stream for stream in videos if _has_decoder(stream)]
    if not decodable:
        raise InputError(
            f"cannot read {name}: FFmpeg knows no decoder for its video (stream {videos[0].index})",
            hint="its codec is unknown here, or it is encrypted",
        )
    best = container.streams.best("video")
    return best if best in decodable else decodable[0]


def _has_decoder(stream: Stream) -> bool:
    return getattr(stream, "codec_context", None) is not None


def is_cover(stream: Stream) -> bool:
    """Whether a video stream is a picture attached to the file."""
    return bool(int(stream.disposition) & _ATTACHED_PICTURE)


def probe(container: Container, stream: Stream, frames: Sequence[RawFrame], name: str) -> VideoInfo:
    """What there is to know.

    Args:
        container: open.
        stream: the video.
        frames: its first ones, at least one.
        name: of the file.
    """
    first = frames[0]
    data = side_data.side_data(first)
    notes = side_data.notes(data)
    orientation = orientation_of(data.get("DISPLAYMATRIX", b""))
    if orientation is None:
        notes.append("it is shown turned by other than a quarter: its pixels stay as they lie")
        orientation = 1
    coded = Size(first.height, first.width)
    layout = planar(first.format.name)
    colour = _colour(first, stream, layout, coded)
    if colour.matrix not in (0, 3) and layout.chroma in ("4:2:0", "4:2:2", "4:4:4"):
        notes += _matrix_note(colour)
    aspect = as_fraction(stream.sample_aspect_ratio) or Fraction(1)
    turned = swaps(orientation)
    times = _times(container, stream, first)
    return VideoInfo(
        name=name,
        container=_family(container),
        brand=_brand(container, stream, name),
        stream=stream.index,
        codec=stream.codec.canonical_name,
        size=Size(coded.width, coded.height) if turned else coded,
        coded_size=coded,
        orientation=orientation,
        sample_aspect_ratio=1 / aspect if turned else aspect,
        pixel_format=layout,
        colour=colour,
        interlace=_interlace(stream, frames),
        hdr=side_data.hdr_metadata(data),
        dynamic_hdr=side_data.dynamic_hdr(data),
        streams=tuple(_describe(each) for each in container.streams),
        chapters=len(container.chapters()),
        metadata=tuple(sorted(kept_metadata(container.metadata))),
        notes=tuple(notes),
        time_base=times.base,
        frame_rate=times.rate,
        frames=times.frames,
        frames_known=bool(stream.frames),
        start=times.start,
        duration_s=times.duration_s,
    )


def _colour(first: RawFrame, stream: Stream, layout: PixelFormat, size: Size) -> Colour:
    context = stream.codec_context
    full = int(context.color_range) == _FULL_RANGE or first.format.name.startswith("yuvj")
    unsaid = layout.chroma == "grey" and int(context.color_range) == 0
    matrix = int(context.colorspace)
    if layout.chroma == "rgb":
        return Colour(int(context.color_primaries), int(context.color_trc), 0, True, "center")
    colour = Colour(
        int(context.color_primaries),
        int(context.color_trc),
        coefficients.UNSPECIFIED if matrix in (0, 3) else matrix,
        # FFmpeg and all that is built on it take grey without a word as full range.
        full or unsaid,
        chroma_place(first, stream),
    )
    return coefficients.assume(colour, size)


def _matrix_note(colour: Colour) -> list[str]:
    if coefficients.is_known(colour.matrix):
        return []
    return [f"its colour matrix {colour.matrix} of H.273 is computed as BT.2020's"]


def _times(container: Container, stream: Stream, first: RawFrame) -> _Times:
    rate = _rate(stream.average_rate, stream.guessed_rate)
    base = as_fraction(stream.time_base) or Fraction(1, 1000)
    start = stored_time(first, _family(container))
    if start is None:
        # Raw streams have no times: a tick is a frame.
        rate = _rate(stream.guessed_rate, stream.average_rate) or _PLAIN_RATE
        base = 1 / rate
    duration = _duration(container, stream, rate)
    frames = stream.frames or (round(duration * rate) if duration and rate else None)
    return _Times(base, rate, frames or None, start, float(duration) if duration else None)


def _rate(*told: object) -> Fraction | None:
    """The first of some rates that can be one."""
    rates = (as_fraction(each) for each in told)
    return next((rate for rate in rates if rate and 0 < rate < _NO_RATE), None)


def _duration(container: Container, stream: Stream, rate: Fraction | None) -> Fraction | None:
    """The first of what headers tell that lasts as long as a frame."""
    base = as_fraction(stream.time_base)
    told = (
        Fraction(stream.duration * base) if stream.duration and base else None,
        told_duration(stream),
        Fraction(container.duration, 1_000_000) if container.duration else None,
    )
    least = Fraction(1, 2) / (rate or _NO_RATE)
    return next((duration for duration in told if duration and duration >= least), None)


def told_duration(stream: Stream) -> Fraction | None:
    """The duration that Matroska files of most programs give for each stream, in seconds."""
    words = stream.metadata.get("DURATION", "").split(":")
    try:
        hours, minutes, seconds = (Fraction(word) for word in words)
    except ValueError:
        return None
    return (hours * 3600 + minutes * 60 + seconds) or None


def _family(container: Container) -> str:
    return str(container.format.name.partition(",")[0])


def _brand(container: Container, stream: Stream, name: str) -> str:
    format_name = container.format.name
    if "mp4" in format_name:
        return "mov" if container.metadata.get("major_brand", "").startswith("qt") else "mp4"
    if "matroska" in format_name:
        is_webm = PurePath(name).suffix.lower() == ".webm"
        return "webm" if is_webm and stream.codec.canonical_name in ("vp8", "vp9", "av1") else "mkv"
    return _BRANDS.get(format_name) or _family(container)


def _interlace(stream: Stream, frames: Sequence[RawFrame]) -> Interlace:
    """As the first frame says that is marked, or else as the header does."""
    marked = next((frame for frame in frames if frame.interlaced_frame), None)
    if marked is not None:
        return order_of(marked)
    return _FIELD_ORDERS.get(int(stream.codec_context.field_order), Interlace.PROGRESSIVE)


def _describe(stream: Stream) -> StreamInfo:
    kind = "cover" if stream.type == "video" and is_cover(stream) else str(stream.type)
    metadata = stream.metadata
    codec = stream.codec.canonical_name if _has_decoder(stream) else ""
    if kind == "data" and "timecode" in metadata:
        codec = "tmcd"
    title = metadata.get("title") or (metadata.get("filename") if kind == "attachment" else None)
    size = len(stream.data) if kind == "attachment" else 0
    return StreamInfo(stream.index, kind, codec, metadata.get("language"), title, size)
