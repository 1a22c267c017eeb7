"""What a video is written as, and what that loses, known before the work begins. Nothing here needs PyAV."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from srcli.core.geometry import Size
    from srcli.video.info import Colour, HdrMetadata, PixelFormat, VideoInfo
    from srcli.video.streams import StreamPlan


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for; nothing stands for "as the source, where possible".

    Attributes:
        size: wished size, upright, in pixels of the source's shape.
        container: ``mp4``, ``mov``, ``mkv``, ``webm`` or ``y4m``.
        codec: ``h264``, ``h265``, ``av1``, ``vp9``, ``ffv1``, ``prores`` or an encoder's name.
        crf: constant quality on the codec's own scale.
        preset: the codec's own word or number.
        pixel_format: FFmpeg's name.
        threads: of the encoder; results of x264 and x265 depend on it.
        matrix: ``keep`` or ``bt709``.
        audio: whether to copy sound.
        subtitles: whether to copy subtitles.
        segment: frames to a segment, and at most to a group of pictures.
        whole: whether all frames are used; otherwise a part in time, and copied streams are cut at packets.
    """

    size: Size
    container: str | None = None
    codec: str | None = None
    crf: float | None = None
    preset: str | None = None
    pixel_format: str | None = None
    threads: int = 1
    matrix: str = "keep"
    audio: bool = True
    subtitles: bool = True
    segment: int = 250
    whole: bool = True


@dataclass(frozen=True, slots=True)
class EncodePlan:
    """How frames become packets: all that a segment depends on, besides its frames and the libraries.

    Attributes:
        codec: family, such as ``h264``.
        encoder: FFmpeg's name, such as ``libx264``.
        size: of the frames to write. May differ from the wish: even sides, square pixels.
        sample_aspect_ratio: of a pixel, written where not 1.
        pixel_format: of the samples.
        colour: tags to write; never unspecified in its matrix.
        hdr: static metadata to write.
        time_base: seconds a tick of the times handed in.
        frame_rate: a hint for rate control and levels.
        options: of the encoder, in order.
        threads: of the encoder.
        segment: frames to a segment.
    """

    codec: str
    encoder: str
    size: Size
    sample_aspect_ratio: Fraction
    pixel_format: PixelFormat
    colour: Colour
    hdr: HdrMetadata
    time_base: Fraction
    frame_rate: Fraction
    options: tuple[tuple[str, str], ...]
    threads: int
    segment: int

    def key(self) -> dict[str, object]:
        """The plan as JSON can hold it, to tell whether segments made before still fit."""
        return {each.name: _plain(getattr(self, each.name)) for each in fields(self)}


@dataclass(frozen=True, slots=True)
class OutputPlan:
    """A whole file to write.

    Attributes:
        container: ``mp4``, ``mov``, ``mkv``, ``webm`` or ``y4m``.
        suffix: with its dot.
        encoding: of the video.
        streams: of the source, each with what becomes of it.
        losses: what can't be kept, one clause each, to be said before the work.
    """

    container: str
    suffix: str
    encoding: EncodePlan
    streams: tuple[StreamPlan, ...]
    losses: tuple[str, ...]


def plan_output(info: VideoInfo, wish: Wish) -> OutputPlan:
    """Decide how a video is written.

    Raises:
        UsageError: codec, container, pixel format, preset or quality don't exist or don't go together.
        OutputError: a stream of the source doesn't fit into the container; the hint names one that takes it.
        MissingExtra: the extra `video` is missing.
    """
    from srcli.video.planning import plan

    return plan(info, wish)


def _plain(value: object) -> object:
    if isinstance(value, Fraction):
        return str(value)
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value
