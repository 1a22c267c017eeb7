"""What decoders hand out beside pixels."""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import TYPE_CHECKING

from srcli.video.info import HdrMetadata
from srcli.video.library import load_av, major_version

if TYPE_CHECKING:
    from srcli.video.library import RawFrame

_LOST = {
    "DYNAMIC_HDR_PLUS": "HDR10+",
    "DOVI_METADATA": "Dolby Vision",
    "DOVI_RPU_BUFFER": "Dolby Vision",
    "DYNAMIC_HDR_VIVID": "HDR Vivid",
}
_NOTED = {
    "A53_CC": "its closed captions inside the picture are dropped",
    "STEREO3D": "that its frames hold two views is not written",
    "SPHERICAL": "that it is a spherical video is not written",
    "ICC_PROFILE": "its ICC profile is dropped",
}


def side_data(frame: RawFrame) -> dict[str, bytes]:
    """All that comes with a frame, by FFmpeg's names."""
    held = frame.side_data
    items = held.values() if major_version(load_av()) >= 19 else iter(held)
    return {item.type.name: bytes(item) for item in items}


def dynamic_hdr(data: dict[str, bytes]) -> tuple[str, ...]:
    """Names of metadata of high dynamic range that change with each frame."""
    return tuple(sorted({name for kind, name in _LOST.items() if kind in data}))


def notes(data: dict[str, bytes]) -> list[str]:
    """What else is lost, one clause each."""
    return [note for kind, note in _NOTED.items() if kind in data]


def hdr_metadata(data: dict[str, bytes]) -> HdrMetadata:
    """Static metadata, as FFmpeg lays out AVMasteringDisplayMetadata and AVContentLightMetadata."""
    primaries = luminance = content = average = None
    display = data.get("MASTERING_DISPLAY_METADATA", b"")
    if len(display) >= 88:
        *numbers, has_primaries, has_luminance = struct.unpack("<22i", display[:88])
        pairs = zip(numbers[::2], numbers[1::2], strict=True)
        values = tuple(Fraction(above, below) if below else Fraction(0) for above, below in pairs)
        primaries = values[:8] if has_primaries else None
        luminance = (values[8], values[9]) if has_luminance else None
    light = data.get("CONTENT_LIGHT_LEVEL", b"")
    if len(light) >= 8:
        content, average = struct.unpack("<2I", light[:8])
    return HdrMetadata(primaries, luminance, content, average)
