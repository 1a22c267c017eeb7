"""What there is to know about a video before its frames are read. Nothing here needs PyAV."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction

    from srcli.core.geometry import Size


class Interlace(StrEnum):
    """How the lines of a frame belong to moments."""

    PROGRESSIVE = "progressive"
    TOP_FIRST = "top field first"
    BOTTOM_FIRST = "bottom field first"


@dataclass(frozen=True, slots=True)
class Colour:
    """How samples mean colours: code points of ITU-T H.273, each 2 where the stream doesn't tell.

    Attributes:
        primaries: 1 is BT.709, 9 BT.2020.
        transfer: 1 is BT.709, 16 PQ, 18 HLG.
        matrix: between RGB and YCbCr. 0 is RGB, 1 BT.709, 5 and 6 BT.601, 9 BT.2020.
        full_range: whether black is 0 and white the highest code, instead of 16 and 235 of 255.
        chroma: where chroma samples lie: ``left``, ``center``, ``topleft``, ``top``, ``bottomleft``,
            ``bottom``.
        told_matrix: whether the stream tells its matrix; otherwise it was assumed from the height (BT.601 for
            standard definition, BT.709 above).
    """

    primaries: int = 2
    transfer: int = 2
    matrix: int = 2
    full_range: bool = False
    chroma: str = "left"
    told_matrix: bool = True

    @property
    def is_hdr(self) -> bool:
        """Whether brightness follows PQ or HLG."""
        return self.transfer in (16, 18)


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """Samples as a codec stores them.

    Attributes:
        name: FFmpeg's, such as ``yuv420p10le``.
        depth: bits a sample, 8 to 16.
        chroma: ``4:2:0``, ``4:2:2``, ``4:4:4``, ``4:1:0``, ``4:1:1``, ``4:4:0``, ``rgb`` or ``grey``.
        has_alpha: whether there is a channel of opacity.
    """

    name: str
    depth: int
    chroma: str
    has_alpha: bool


@dataclass(frozen=True, slots=True)
class HdrMetadata:
    """Static metadata of high dynamic range (SMPTE ST 2086, CTA-861.3).

    Attributes:
        primaries: x, y of red, green, blue and white of the mastering display (8 values), or nothing.
        luminance: its least and greatest luminance in cd/m2, or nothing.
        max_content: the brightest pixel's light level in cd/m2 (MaxCLL), or nothing.
        max_average: the brightest frame's mean light level in cd/m2 (MaxFALL), or nothing.
    """

    primaries: tuple[Fraction, ...] | None = None
    luminance: tuple[Fraction, Fraction] | None = None
    max_content: int | None = None
    max_average: int | None = None

    def __bool__(self) -> bool:
        """Whether anything is known."""
        return self != HdrMetadata()


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """A stream of a file.

    Attributes:
        index: its place in the file.
        kind: ``video``, ``audio``, ``subtitle``, ``data``, ``attachment`` or ``cover``.
        codec: FFmpeg's name, empty where unknown.
        language: three letters, or nothing.
        title: as the file gives it, or nothing.
        bytes: the size of an attachment, else 0.
    """

    index: int
    kind: str
    codec: str
    language: str | None = None
    title: str | None = None
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """A video, by its headers and its first frame.

    Attributes:
        name: for messages.
        container: FFmpeg's name of the demuxer's family: ``mov`` (MP4 as well: see ``brand``), ``matroska``,
            ``mpegts``, ``avi`` and so on.
        brand: ``mp4``, ``mov``, ``mkv``, ``webm``, ``ts``, ``avi``, ``ogv``, ``flv``, ``y4m``, ``raw`` or the
            demuxer's own name: the family as an extension.
        stream: the index of the video stream.
        codec: its codec, such as ``h264``, ``hevc``, ``av1``, ``vp9``.
        size: of the frames that ``Video.frames`` gives, upright.
        coded_size: as stored, before turning.
        orientation: 1 to 8 as in Exif; ``Video.frames`` has applied it.
        sample_aspect_ratio: width through height of a pixel, upright; 1 where unknown.
        pixel_format: of the stored frames.
        colour: of the samples.
        time_base: seconds a tick.
        frame_rate: frames a second on average, or nothing.
        frames: expected number, or nothing.
        frames_known: whether that number comes from an index; otherwise it is duration times rate.
        start: the first frame's time in ticks, or nothing (raw streams).
        duration_s: of the video stream in seconds, or nothing.
        interlace: as the header or the first frames say.
        hdr: static metadata.
        dynamic_hdr: names of metadata that change with each frame and can't follow an enlarged picture,
            such as ``HDR10+`` and ``Dolby Vision``.
        streams: all of the file, in its order, the video itself included.
        chapters: how many there are.
        metadata: names of the words about the file that are kept.
        notes: what else should be said before work begins, as one clause each.
    """

    name: str
    container: str
    brand: str
    stream: int
    codec: str
    size: Size
    coded_size: Size
    orientation: int
    sample_aspect_ratio: Fraction
    pixel_format: PixelFormat
    colour: Colour
    time_base: Fraction
    frame_rate: Fraction | None
    frames: int | None
    frames_known: bool
    start: int | None
    duration_s: float | None
    interlace: Interlace = Interlace.PROGRESSIVE
    hdr: HdrMetadata = field(default_factory=HdrMetadata)
    dynamic_hdr: tuple[str, ...] = ()
    streams: tuple[StreamInfo, ...] = ()
    chapters: int = 0
    metadata: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def has_alpha(self) -> bool:
        """Whether frames come with four channels instead of three."""
        return self.pixel_format.has_alpha
