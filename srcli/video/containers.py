"""What the containers that srcli writes can hold."""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING

from srcli.core.errors import OutputError
from srcli.video.library import load_av
from srcli.video.streams import StreamPlan

if TYPE_CHECKING:
    from srcli.video.info import StreamInfo

MUXERS = {"mp4": "mp4", "mov": "mov", "mkv": "matroska", "webm": "webm", "y4m": "yuv4mpegpipe"}
"""FFmpeg's names."""

TITLES = {"mp4": "MP4", "mov": "MOV", "mkv": "Matroska", "webm": "WebM", "y4m": "Y4M"}

BY_SUFFIX = {
    ".mp4": "mp4",
    ".m4v": "mp4",
    ".mov": "mov",
    ".qt": "mov",
    ".mkv": "mkv",
    ".webm": "webm",
    ".y4m": "y4m",
}

_TEXTS = frozenset({"subrip", "mov_text", "text", "webvtt"})
"""Subtitles that are text with a little markup: they become each other by their frame alone."""

_TEXT_OF = {"mp4": "mov_text", "mov": "mov_text", "mkv": "subrip", "webm": "webvtt"}
_ATTACHED_COVERS = {"png": "image/png", "mjpeg": "image/jpeg"}


@cache
def held(container: str) -> frozenset[str]:
    """FFmpeg's names of the codecs that a container holds."""
    av = load_av()
    names = set()
    with av.open(io.BytesIO(), "w", format=MUXERS[container]) as output:
        for name in output.supported_codecs:
            for mode in ("r", "w"):
                try:
                    names.add(str(av.codec.Codec(name, mode).canonical_name))
                except (av.error.FFmpegError, ValueError):
                    continue
    return frozenset(names)


def plan_stream(stream: StreamInfo, container: str, *, chapters: int) -> StreamPlan:
    """What becomes of a stream beside the video.

    Args:
        stream: of the source; no video but a cover.
        container: to write.
        chapters: how many the source has.

    Raises:
        OutputError: sound or subtitles that the container can't hold.
    """
    if container == "y4m":
        return _plan(stream, "drop")
    kinds = {"attachment": _attachment, "cover": _cover, "audio": _essential, "subtitle": _essential}
    plan = kinds.get(stream.kind)
    return plan(stream, container) if plan is not None else _data(stream, container, chapters)


def _attachment(stream: StreamInfo, container: str) -> StreamPlan:
    return _plan(stream, "attach" if container == "mkv" else "drop")


def _cover(stream: StreamInfo, container: str) -> StreamPlan:
    if container == "mkv":
        return _plan(stream, "attach" if stream.codec in _ATTACHED_COVERS else "drop")
    return _plan(stream, "copy" if container != "webm" and stream.codec in held(container) else "drop")


def cover_type(codec: str) -> tuple[str, str]:
    """The extension and the media type of a cover picture, by its codec."""
    media_type = _ATTACHED_COVERS[codec]
    return media_type.rpartition("/")[2].replace("jpeg", "jpg"), media_type


def _essential(stream: StreamInfo, container: str) -> StreamPlan:
    if stream.codec in held(container):
        return _plan(stream, "copy")
    if stream.codec in _TEXTS:
        return _plan(stream, "convert", _TEXT_OF[container])
    word = "sound" if stream.kind == "audio" else "subtitles"
    option = "--no-audio" if stream.kind == "audio" else "--no-subtitles"
    codec = stream.codec or "unknown"
    raise OutputError(
        f"{TITLES[container]} holds no {word} of the kind {codec} (stream {stream.index})",
        hint=f"write .mkv instead, or add {option}",
    )


def _data(stream: StreamInfo, container: str, chapters: int) -> StreamPlan:
    # MP4 shows chapters a second time as a track of text; its track of timecodes is written from metadata.
    kept = (stream.codec in ("text", "bin_data", "") and chapters) or (
        stream.codec == "tmcd" and container in ("mp4", "mov")
    )
    return _plan(stream, "rewrite" if kept else "drop")


def _plan(stream: StreamInfo, action: str, into: str | None = None) -> StreamPlan:
    return StreamPlan(stream.index, stream.kind, stream.codec, stream.language, action, into)
