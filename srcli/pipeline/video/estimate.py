"""What a video will take in time and on disk, from a sample of its frames.

A few frames of the middle are enlarged and encoded, cut down to a part where they are large. The first frame
of a segment costs more bytes than the others, which only tell what changed; both are measured.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.geometry import Size
from srcli.imaging.picture import Frame
from srcli.pipeline.video.inspection import writes_pictures
from srcli.pipeline.video.needs import choose_lanes
from srcli.pipeline.video.sinks import write_picture
from srcli.upscaling.enlargement import Recipe, stack, unstack, upscale_frame
from srcli.video.segment import SegmentWriter, segment_suffix
from srcli.video.video import Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from srcli.core.arrays import Planes
    from srcli.pipeline.video.inspection import VideoInspection
    from srcli.pipeline.video.settings import VideoSettings
    from srcli.upscaling.pool import GeneratorPool
    from srcli.video.frame import VideoFrame
    from srcli.video.plan import EncodePlan

FRAMES = 12
"""That are encoded. More tell little, as what moves differs from scene to scene anyway."""
SIDE = 256
"""Of the part of a frame that is enlarged, in input pixels."""
_SOUND_BYTES = 24_000
"""A second of compressed stereo at 192 kbit/s."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a video takes; None where its number of frames is unknown, and on disk for pictures that move."""

    seconds: float | None
    disk_bytes: int | None


def estimate(
    inspection: VideoInspection, settings: VideoSettings, pool: GeneratorPool, frames: int | None
) -> Cost:
    """Estimate a video of so many frames.

    Raises:
        InputError: its frames can't be decoded.
    """
    if frames is None:
        return Cost(None, None)
    started_s = time.perf_counter()
    decoded = [frame.pixels() for frame in islice(_middle(inspection, settings), FRAMES)]
    if not decoded:
        return Cost(None, None)
    decode_s = (time.perf_counter() - started_s) / len(decoded)
    lanes = choose_lanes(inspection, pool)
    recipe = Recipe(lanes.generators, pool.interpolation, settings.strength)
    parts = [_part_of(pixels) for pixels in decoded]
    size = _size_of_part(parts[0], inspection)
    share = inspection.size.pixels / size.pixels
    # The first run also pays for memory that later ones use again.
    _enlarge(parts[0], size, recipe)
    started_s = time.perf_counter()
    larger = [_enlarge(part, size, recipe) for part in parts]
    enlarge_s = (time.perf_counter() - started_s) / len(parts) * share
    if inspection.plan is None:
        seconds = round(frames * (decode_s + enlarge_s / lanes.count), 1)
        if not writes_pictures(inspection.job, settings):
            return Cost(seconds, None)
        return Cost(seconds, round(frames * share * _picture_bytes(larger, inspection)))
    plan = replace(inspection.plan.encoding, size=size)
    started_s = time.perf_counter()
    first, together = _encoded_bytes(larger[:1], plan), _encoded_bytes(larger, plan)
    encode_s = (time.perf_counter() - started_s) / (1 + len(larger)) * share
    further = (together - first) / max(1, len(larger) - 1)
    segments = -(-frames // plan.segment)
    size_bytes = (segments * first + (frames - segments) * further) * share
    # All of it shares the cores that the lanes have.
    seconds = frames * (decode_s + enlarge_s + encode_s) / lanes.count
    return Cost(round(seconds, 1), round(size_bytes) + _copied_bytes(inspection))


def _middle(inspection: VideoInspection, settings: VideoSettings) -> Iterator[VideoFrame]:
    part = settings.part or Part((inspection.info.duration_s or 0.0) / 2)
    return iter(inspection.source.frames(part, None, strict=False))


def _part_of(pixels: Planes) -> Planes:
    rows, columns = (
        slice(start := max(0, side - SIDE) // 2, start + min(side, SIDE)) for side in pixels.shape[:2]
    )
    return np.ascontiguousarray(pixels[rows, columns])


def _size_of_part(part: Planes, inspection: VideoInspection) -> Size:
    """The size of a part's result, in the even sides that encoders take."""
    whole, source = inspection.size, inspection.info.size
    height = round(part.shape[0] * whole.height / source.height)
    width = round(part.shape[1] * whole.width / source.width)
    return Size(max(16, height // 2 * 2), max(16, width // 2 * 2))


def _enlarge(pixels: Planes, size: Size, recipe: Recipe) -> Planes:
    frame = unstack(pixels, has_alpha=pixels.shape[2] > 3)
    return stack(upscale_frame(Frame(frame.colour, frame.alpha), size, recipe)[0])


def _encoded_bytes(frames: Sequence[Planes], plan: EncodePlan) -> int:
    ticks = max(1, round(1 / (plan.frame_rate * plan.time_base)))
    with tempfile.TemporaryDirectory(prefix="srcli-video-") as folder:
        path = Path(folder) / f"sample{segment_suffix(plan)}"
        with SegmentWriter(path, plan) as writer:
            for index, pixels in enumerate(frames):
                writer.write(pixels, index * ticks, ticks)
        return path.stat().st_size


def _picture_bytes(frames: Sequence[Planes], inspection: VideoInspection) -> float:
    """Of a frame as a picture of its own."""
    with tempfile.TemporaryDirectory(prefix="srcli-video-") as folder:
        path = Path(folder) / "sample.png"
        sizes = []
        for pixels in (frames[0], frames[-1]):
            write_picture(path, pixels, inspection.info)
            sizes.append(path.stat().st_size)
    return sum(sizes) / len(sizes)


def _copied_bytes(inspection: VideoInspection) -> int:
    """Sound and the like, which weigh little beside the picture: at most what the whole input does."""
    plan, source = inspection.plan, inspection.source.copied_from
    copied = plan is not None and any(each.action == "copy" for each in plan.streams)
    if not copied or source is None:
        return 0
    others = sum(each.kind == "audio" for each in inspection.info.streams)
    seconds = inspection.info.duration_s or 0.0
    return min(source.stat().st_size, round(others * seconds * _SOUND_BYTES))
