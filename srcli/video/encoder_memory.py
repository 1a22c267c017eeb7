"""How much memory encoders take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.video.codecs import FAMILIES
from srcli.video.pixel_formats import STEPS

if TYPE_CHECKING:
    from srcli.core.geometry import Size
    from srcli.video.info import PixelFormat
    from srcli.video.plan import EncodePlan

_X264_AHEAD = {
    "ultrafast": 0,
    "superfast": 0,
    "veryfast": 10,
    "faster": 20,
    "fast": 30,
    "medium": 40,
    "slow": 50,
    "slower": 60,
    "veryslow": 60,
    "placebo": 60,
}
"""Frames that each preset of x264 looks ahead (``--rc-lookahead``)."""
_X264_AT_WORK = {"ultrafast": 4, "superfast": 12, "slow": 15, "slower": 20, "veryslow": 28, "placebo": 36}
"""Frames beside them: those that wait for their order, that others refer to, and that are written."""
_USUALLY_AT_WORK = 12
_SAMPLES = 1.5
"""Of a pixel in 4:2:0."""


def encoder_bytes(plan: EncodePlan) -> int:
    """About how much memory an encoder takes while it works on a video of some hundred frames.

    Measured at 320x180 to 2560x1440 with the libraries of November 2026 (``tests/benchmarks/NOTES.md``).
    """
    if plan.encoder in ("libx264", "libx264rgb"):
        return _x264_bytes(plan)
    chosen = next((each for each in FAMILIES if each.encoder == plan.encoder), None)
    chosen = chosen or next(each for each in FAMILIES if each.name == plan.codec)
    return round(chosen.least_bytes + plan.size.pixels * chosen.bytes_a_pixel)


def frame_bytes(plan: EncodePlan) -> int:
    """Of a frame as an encoder takes it."""
    opacity = plan.size.pixels * (1 if plan.pixel_format.depth == 8 else 2) * plan.pixel_format.has_alpha
    return round(plan.size.pixels * _SAMPLES * _weight(plan.pixel_format)) + opacity


def _x264_bytes(plan: EncodePlan) -> int:
    """Nearly all is frames that are held whole, with what is noted of each."""
    preset = dict(plan.options).get("preset", "medium")
    frames = _X264_AHEAD[preset] + _X264_AT_WORK.get(preset, _USUALLY_AT_WORK)
    return round(frames * _x264_frame_bytes(plan.size) * _weight(plan.pixel_format))


def _x264_frame_bytes(size: Size) -> float:
    """Of a frame of 8 bits in 4:2:0: margins and whole pages weigh more where frames are small."""
    return min(5.8 * size.pixels, 2.5 * size.pixels + 1_800_000)


def _weight(layout: PixelFormat) -> float:
    """What a pixel takes, against one of 8 bits in 4:2:0."""
    down, across = STEPS.get(layout.chroma, (1, 1))
    samples = 1 + 2 / (down * across)
    return samples / _SAMPLES * (1 if layout.depth == 8 else 2)
