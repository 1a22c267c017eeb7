"""What a picture is, by its header, and whether the server takes it on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from srcli.core.errors import InputError
from srcli.imaging.containers.sniff import HEAD_BYTES, sniff_format
from srcli.imaging.decode import open_picture
from srcli.imaging.limits import TooManyPixels
from srcli.server.worker.failures import describe_failure
from srcli.server.worker.shown import is_shown
from srcli.server.worker.wanted import settings_of

if TYPE_CHECKING:
    from srcli.imaging.picture import PictureInfo
    from srcli.server.worker.main import Cancels, Tell

OF_INPUT, OF_RESULT = "--max-input-megapixels", "--max-megapixels"

_STARTS = (b"\x1aE\xdf\xa3", b"OggS", b"FLV", b"\x00\x00\x01\xba", b"G@")
_BRANDS_OF_PICTURES = frozenset({b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1", b"crx "})


class UnsupportedFormat(InputError):
    """The file is of a kind that srcli does not read."""


class BeyondLimit(InputError):
    """The picture has more of something than the server takes on.

    Args:
        code: of the problem.
        message: what it has, and the limit.
        limit: the most of it.
        seen: what there is, as far as that is known.
        option: of ``srcli serve`` that sets the limit.
    """

    def __init__(self, code: str, message: str, limit: float, seen: float | None, option: str) -> None:
        super().__init__(message, f"who runs the server sets this limit: srcli serve {option}")
        self.code, self.limit, self.seen, self.option = code, limit, seen, option


def inspect(task: dict[str, Any], tell: Tell, _cancels: Cancels) -> None:
    """Read a header, hold it against the limits, and tell what the picture is and what it is to become."""
    source, name = Path(task["source"]), task["name"]
    try:
        tell({"event": "inspected", **_inspect(source, name, task)})
    except Exception as error:
        tell({"event": "failed", **describe_failure(error, str(source), name)})


def _inspect(source: Path, name: str, task: dict[str, Any]) -> dict[str, Any]:
    limits = task["limits"]
    with source.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if sniff_format(head) is None and looks_like_video(head):
        return _inspect_video(source, name, task["wishes"], limits)
    settings = settings_of(task["wishes"])
    _check_kind(head, source)
    info = _read_header(source, name, limits["input_pixels"])
    _check_frames(info.frames, limits["frames"], name, "--max-frames")
    size = settings.target.size_for(info.size)
    _check_result(size.width, size.height, info.frames, limits["output_pixels"], name)
    return {
        "input": {
            "width": info.size.width,
            "height": info.size.height,
            "format": info.format.lower(),
            "frames": info.frames,
        },
        "shown": is_shown(info),
        "result": {"width": size.width, "height": size.height},
    }


def _inspect_video(source: Path, name: str, wishes: dict[str, Any], limits: dict[str, int]) -> dict[str, Any]:
    from srcli.server.worker.video import read_video, size_of

    info = read_video(source)
    width, height = size_of(info, wishes)
    frames = info.frames or 0
    _check_frames(frames, limits["video_frames"], name, "--max-video-frames")
    _check_result(width, height, 1, limits["output_pixels"], name)
    return {
        "input": {
            "width": info.size.width,
            "height": info.size.height,
            "format": info.brand,
            "frames": max(1, frames),
            "duration_s": info.duration_s,
        },
        "video": True,
        "shown": False,
        "result": {"width": width, "height": height},
    }


def _check_kind(head: bytes, source: Path) -> None:
    if head and sniff_format(head) is None:
        try:
            with open_picture(source):
                pass
        except InputError as error:
            raise UnsupportedFormat(error.message, error.hint) from None


def _read_header(source: Path, name: str, limit: int) -> PictureInfo:
    try:
        with open_picture(source, max_pixels=limit) as picture:
            return picture.info
    except TooManyPixels as error:
        raise _beyond_pixels(error.message.replace(str(source), name), limit, error.seen, OF_INPUT) from None


def _check_frames(frames: int, limit: int, name: str, option: str) -> None:
    if frames > limit:
        message = f"{name} has {frames} frames, the limit is {limit}"
        raise BeyondLimit("too-many-frames", message, limit, frames, option)


def _check_result(width: int, height: int, frames: int, limit: int, name: str) -> None:
    pixels = width * height * frames
    if pixels > limit:
        times = f" in {frames} frames" if frames > 1 else ""
        found = f"{pixels / 1e6:.1f} megapixels; the limit is {limit / 1e6:g}"
        message = f"the result of {name} is {width}x{height}{times}, {found}"
        raise _beyond_pixels(message, limit, pixels, OF_RESULT)


def _beyond_pixels(message: str, limit: int, seen: int | None, option: str) -> BeyondLimit:
    return BeyondLimit("too-many-pixels", message, limit, seen, option)


def looks_like_video(head: bytes) -> bool:
    """Whether the first bytes of a file are those of a video."""
    if head[4:8] == b"ftyp":
        return head[8:12] not in _BRANDS_OF_PICTURES
    return (head[:4] == b"RIFF" and head[8:12] == b"AVI ") or head.startswith(_STARTS)
