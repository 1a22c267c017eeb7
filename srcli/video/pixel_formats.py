"""Samples as they lie in memory: which plane holds what, with how many bits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from srcli.video.info import PixelFormat
from srcli.video.library import load_av

if TYPE_CHECKING:
    from srcli.video.library import RawFrame

Samples: TypeAlias = npt.NDArray[Any]
"""One plane of a frame as it is stored: (height, width), uint8 or uint16."""

STEPS = {
    "4:2:0": (2, 2),
    "4:2:2": (1, 2),
    "4:4:4": (1, 1),
    "4:4:0": (2, 1),
    "4:1:1": (1, 4),
    "4:1:0": (4, 4),
}
"""Luma samples to a chroma sample, down and across."""

_PLANAR = re.compile(r"yuv(?P<alpha>a?)j?(?P<chroma>4\d\d)p(?P<depth>\d*)(le)?")
_GREY = re.compile(r"gray(?P<depth>\d*)(le)?")
_RGB = re.compile(r"gbr(?P<alpha>a?)p(?P<depth>\d*)(le)?")
PACKED = {
    "rgb24": ("rgb", False, (0, 1, 2)),
    "bgr0": ("rgb", False, (2, 1, 0, None)),
    "bgra": ("rgb", True, (2, 1, 0, 3)),
}
"""Packed formats that encoders ask for: the channel that each byte of a pixel holds."""

_SHUFFLED = {
    "nv12": "yuv420p",
    "nv21": "yuv420p",
    "nv16": "yuv422p",
    "nv24": "yuv444p",
    "nv42": "yuv444p",
    "yuyv422": "yuv422p",
    "uyvy422": "yuv422p",
    "yvyu422": "yuv422p",
    "uyyvyy411": "yuv411p",
    "p010le": "yuv420p10le",
    "p210le": "yuv422p10le",
    "p410le": "yuv444p10le",
    "p012le": "yuv420p12le",
    "p016le": "yuv420p16le",
    "y210le": "yuv422p10le",
    "y212le": "yuv422p12le",
    "xv30le": "yuv444p10le",
    "xv36le": "yuv444p12le",
    "vuyx": "yuv444p",
    "vuya": "yuva444p",
    "ayuv": "yuva444p",
    "ayuv64le": "yuva444p16le",
    "monow": "gray",
    "monob": "gray",
}
"""Formats with the same samples as a planar one, in another order."""


def describe(name: str) -> PixelFormat | None:
    """What a format of FFmpeg's holds, or nothing where srcli does not address its samples itself."""
    if name in PACKED:
        chroma, has_alpha, _ = PACKED[name]
        return PixelFormat(name, 8, chroma, has_alpha)
    for pattern, fixed in ((_PLANAR, None), (_GREY, "grey"), (_RGB, "rgb")):
        found = pattern.fullmatch(name)
        if found is None:
            continue
        groups = found.groupdict()
        chroma = fixed or ":".join(groups["chroma"])
        return PixelFormat(name, int(groups["depth"] or 8), chroma, bool(groups.get("alpha")))
    return None


def planar(name: str) -> PixelFormat:
    """The planar format that holds the samples of any format of FFmpeg's."""
    described = None if name in PACKED else describe(name)
    described = described or describe(_SHUFFLED.get(name, name.removesuffix("be") + "le"))
    if described is None:
        described = describe(_widest(name))
    assert described is not None
    return described


def _widest(name: str) -> str:
    """For packed RGB, palettes and rarities: planes of all that they hold."""
    layout = load_av().VideoFormat(name)
    deep = layout.has_palette is False and any(part.bits > 8 for part in layout.components)
    # FFmpeg's palettes have opacity; videos that need them have none.
    has_alpha = not layout.has_palette and any(part.is_alpha for part in layout.components)
    if not (layout.is_rgb or layout.has_palette or layout.is_bayer or len(layout.components) < 3):
        return "yuva444p16le" if has_alpha else "yuv444p16le"
    return f"gbr{'a' if has_alpha else ''}p{'16le' if deep else ''}"


def named(chroma: str, depth: int, has_alpha: bool) -> str:
    """FFmpeg's name of a planar format."""
    end = "" if depth == 8 else f"{depth}le"
    if chroma == "grey":
        return f"gray{end}"
    alpha = "a" if has_alpha else ""
    if chroma == "rgb":
        return f"gbr{alpha}p{end}"
    return f"yuv{alpha}{chroma.replace(':', '')}p{end}"


def planes(frame: RawFrame) -> list[Samples]:
    """The planes of a planar frame without padding: views onto it, which can be written to."""
    views = []
    for plane in frame.planes:
        dtype = np.uint8 if frame.format.components[0].bits == 8 else np.dtype("<u2")
        lines = np.frombuffer(plane, dtype)
        pitch = plane.line_size // np.dtype(dtype).itemsize
        views.append(lines[: plane.height * pitch].reshape(plane.height, pitch)[:, : plane.width])
    return views


def as_planar(frame: RawFrame) -> RawFrame:
    """The frame in the planar format that holds its samples, with these unchanged."""
    name = planar(frame.format.name).name
    return frame if name == frame.format.name else frame.reformat(format=name)
