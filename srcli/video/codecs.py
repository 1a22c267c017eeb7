"""The codecs that srcli writes, and what each can hold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from srcli.core.errors import UsageError
from srcli.video.library import load_av
from srcli.video.pixel_formats import describe

if TYPE_CHECKING:
    from srcli.video.info import PixelFormat


@dataclass(frozen=True, slots=True)
class Family:
    """A codec.

    Attributes:
        name: srcli's word.
        title: for messages.
        source: FFmpeg's name of streams of it.
        encoder: FFmpeg's name.
        quality: FFmpeg's option for constant quality, or nothing.
        crf: that by default: what can't be told from the source at a normal distance.
        best, worst: the ends of that scale.
        speed: FFmpeg's option for the preset, or nothing.
        preset: that by default.
        presets: all of them.
        containers: that hold it.
        carries_aspect: whether pixels that are no squares survive in every container.
        even: whether chroma at half the resolution asks for even sides.
        bytes_a_pixel: memory of the encoder through pixels of a frame, but for H.264's.
        least_bytes: of its memory that frames of any size take beside that.
    """

    name: str
    title: str
    source: str
    encoder: str
    containers: tuple[str, ...]
    quality: str | None = None
    crf: float | None = None
    best: float = 0
    worst: float = 63
    speed: str | None = None
    preset: str | None = None
    presets: tuple[str, ...] = ()
    carries_aspect: bool = False
    even: bool = False
    bytes_a_pixel: int = 190
    least_bytes: int = 0


_WORDS = (
    "ultrafast",
    "superfast",
    "veryfast",
    "faster",
    "fast",
    "medium",
    "slow",
    "slower",
    "veryslow",
    "placebo",
)
_ANYWHERE = ("mp4", "mov", "mkv")
_OPEN = ("mp4", "mkv", "webm")

FAMILIES = (
    Family(
        *("h264", "H.264", "h264", "libx264", _ANYWHERE, "crf", 16, 0, 51, "preset", "medium", _WORDS),
        carries_aspect=True,
        even=True,
    ),
    Family(
        *("h265", "H.265", "hevc", "libx265", _ANYWHERE, "crf", 18, 0, 51, "preset", "medium", _WORDS),
        carries_aspect=True,
        even=True,
        bytes_a_pixel=170,
        least_bytes=75_000_000,
    ),
    Family(
        *("av1", "AV1", "av1", "libsvtav1", _OPEN, "crf", 22, 1, 63),
        *("preset", "8", tuple(str(number) for number in range(14))),
        bytes_a_pixel=235,
        least_bytes=49_000_000,
    ),
    Family(
        *("vp9", "VP9", "vp9", "libvpx-vp9", _OPEN, "crf", 20, 0, 63),
        *("cpu-used", "4", tuple(str(number) for number in range(9))),
        bytes_a_pixel=125,
        least_bytes=26_000_000,
    ),
    Family("ffv1", "FFV1", "ffv1", "ffv1", ("mkv", "mp4"), bytes_a_pixel=40),
    Family("prores", "ProRes", "prores", "prores_ks", ("mov", "mkv"), bytes_a_pixel=60),
)
"""In the order in which help names them."""


def family(name: str) -> Family:
    """A codec by srcli's word for it, or an encoder of FFmpeg's by its own name.

    Raises:
        UsageError: there is none, or it is no encoder of a codec that srcli writes.
    """
    for each in FAMILIES:
        if name in (each.name, each.encoder):
            return each
    words = ", ".join(each.name for each in FAMILIES)
    av = load_av()
    try:
        codec = av.codec.Codec(name, "w")
    except (av.error.FFmpegError, ValueError) as error:
        raise UsageError(
            f"codec {name} is unknown", hint=f"one of {words}, or an encoder of FFmpeg's"
        ) from error
    for each in FAMILIES:
        if each.source == codec.canonical_name:
            return _foreign(each, codec)
    raise UsageError(f"codec {name} is not one that srcli writes", hint=f"one of {words}")


# PyAV tells no options of encoders; these are from FFmpeg's documentation, by how the encoders' names end.
_FOREIGN: dict[str, tuple[str | None, str | None]] = {
    "libx264rgb": ("crf", "preset"),
    "libaom-av1": ("crf", "cpu-used"),
    "_nvenc": ("cq", "preset"),
    "_qsv": ("global_quality", "preset"),
    "_vaapi": ("qp", None),
}
"""Options of constant quality and of speed."""


def _foreign(like: Family, codec: object) -> Family:
    """A codec through another encoder, such as one of a graphics card, with that encoder's own defaults."""
    encoder = str(codec.name)  # type: ignore[attr-defined]
    quality, speed = next((found for end, found in _FOREIGN.items() if encoder.endswith(end)), (None, None))
    return Family(
        name=like.name,
        title=like.title,
        source=like.source,
        encoder=encoder,
        containers=like.containers,
        quality=quality,
        crf=like.crf if quality in ("crf", "cq") else None,
        worst=like.worst,
        speed=speed,
        carries_aspect=like.carries_aspect,
        even=like.even,
        bytes_a_pixel=like.bytes_a_pixel,
        least_bytes=like.least_bytes,
    )


def from_source(codec: str) -> Family | None:
    """The family that writes what a stream holds, or nothing."""
    return next((each for each in FAMILIES if each.source == codec), None)


_WITH_OPACITY = {
    # Offered with any chroma, taken with one.
    "libvpx-vp9": ("yuva420p",),
    # Offered, and refused where x265 was built without it, as PyAV's is.
    "libx265": (),
}
"""The formats with opacity that are written, of encoders that offer more."""


@cache
def formats(encoder: str) -> tuple[PixelFormat, ...]:
    """The pixel formats that an encoder takes, as far as srcli fills them."""
    names = [layout.name for layout in load_av().codec.Codec(encoder, "w").video_formats or ()]
    found = [describe(name) for name in names if not name.startswith("yuvj")]
    known = [layout for layout in found if layout is not None and layout.depth in (8, 10, 12, 14, 16)]
    with_opacity = _WITH_OPACITY.get(encoder)
    return tuple(
        layout
        for layout in known
        if with_opacity is None or not layout.has_alpha or layout.name in with_opacity
    )
