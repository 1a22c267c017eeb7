"""What a video will take in time and on disk, from samples of its frames.

A few frames in several places are enlarged and encoded, cut down to a part where they are large: what stands
still in one place moves in another. The first frame of a segment costs more bytes than the others, which only
tell what changed; both are measured. Encoders give more to frames that others refer to: how sizes grow with
the frames that follow is seen in more of them, which are interpolated, since a generator would take long.
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
from srcli.video.segment import SegmentWriter, encodable, segment_suffix
from srcli.video.video import Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from srcli.core.arrays import Planes
    from srcli.pipeline.video.inspection import VideoInspection
    from srcli.pipeline.video.settings import VideoSettings
    from srcli.upscaling.pool import GeneratorPool
    from srcli.video.plan import EncodePlan

SPOTS = ((0.5, 0.5), (0.0, 0.0), (1.0, 1.0), (0.0, 1.0), (1.0, 0.0), (0.5, 0.5))
"""Where in frames a part is taken, down and across, as shares of what is left beside it; each at another
time, evenly over the length of a video."""
FRAMES, INTERPOLATED = 4, 24
"""That are enlarged in each place by the generators, and to see how frames grow."""
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
    longer = [pixels for pixels in _sampled(inspection, settings) if pixels]
    if not longer:
        return Cost(None, None)
    decode_s = (time.perf_counter() - started_s) / sum(map(len, longer))
    spots = [pixels[:FRAMES] for pixels in longer]
    count = sum(map(len, spots))
    lanes = choose_lanes(inspection, pool)
    recipe = Recipe(lanes.generators, pool.interpolation, settings.strength)
    size = _size_of_part(spots[0][0], inspection)
    share = inspection.size.pixels / size.pixels
    # The first run also pays for memory that later ones use again.
    _enlarge(spots[0][0], size, recipe)
    started_s = time.perf_counter()
    larger = [[_enlarge(part, size, recipe) for part in parts] for parts in spots]
    enlarge_s = (time.perf_counter() - started_s) / count * share
    if inspection.plan is None:
        seconds = round(frames * (decode_s + enlarge_s / lanes.count), 1)
        if not writes_pictures(inspection.job, settings):
            return Cost(seconds, None)
        return Cost(seconds, round(frames * share * _picture_bytes(larger, inspection)))
    plan = replace(inspection.plan.encoding, size=size)
    started_s = time.perf_counter()
    sizes = _bytes_a_frame([_packet_bytes(frames, plan) for frames in larger])
    encode_s = (time.perf_counter() - started_s) / count * share
    plain = Recipe((), pool.interpolation, settings.strength)
    # One place at a time: all of them would take much memory.
    interpolated = ([_enlarge(part, size, plain) for part in parts] for parts in longer)
    first, further = _grown(sizes, interpolated, plan)
    segments = -(-frames // plan.segment)
    size_bytes = (segments * first + (frames - segments) * further) * share
    # All of it shares the cores that the lanes have.
    seconds = frames * (decode_s + enlarge_s + encode_s) / lanes.count
    return Cost(round(seconds, 1), round(size_bytes) + _copied_bytes(inspection))


def _sampled(inspection: VideoInspection, settings: VideoSettings) -> Iterator[list[Planes]]:
    """Parts of a few frames in each of some places; in one place where nothing tells how long a video is."""
    part = settings.part or Part()
    length_s = part.length_s(inspection.info.duration_s or 0.0)
    for number, spot in enumerate(SPOTS if length_s else SPOTS[:1]):
        begin = Part(part.start_s + (number + 0.5) / len(SPOTS) * length_s)
        found = inspection.source.frames(begin, None, strict=False)
        yield [_part_of(frame.pixels(), spot) for frame in islice(iter(found), INTERPOLATED)]


def _bytes_a_frame(sizes: Sequence[Sequence[int]]) -> tuple[float, float]:
    """Bytes of the first frame of a segment, and of each that follows, on an average of places.

    Both are seen in one run: a first frame is encoded better, and larger, where others will refer to it.
    """
    firsts, further = [each[0] for each in sizes], [size for each in sizes for size in each[1:]]
    return sum(firsts) / len(firsts), sum(further) / max(1, len(further))


def _grown(
    sizes: tuple[float, float], interpolated: Iterable[Sequence[Planes]], plan: EncodePlan
) -> tuple[float, float]:
    """Bytes as in ``_bytes_a_frame`` of frames that more frames follow, as interpolated ones grow."""
    few, many = [], []
    for frames in interpolated:
        few.append(_packet_bytes(frames[:FRAMES], plan))
        many.append(_packet_bytes(frames, plan))
    triples = zip(sizes, _bytes_a_frame(few), _bytes_a_frame(many), strict=True)
    first, further = (size * after / before if before else after for size, before, after in triples)
    return first, further


def _part_of(pixels: Planes, spot: tuple[float, float]) -> Planes:
    rows, columns = (
        slice(start := round(max(0, side - SIDE) * share), start + min(side, SIDE))
        for side, share in zip(pixels.shape[:2], spot, strict=True)
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


def _packet_bytes(frames: Sequence[Planes], plan: EncodePlan) -> list[int]:
    ticks = max(1, round(1 / (plan.frame_rate * plan.time_base)))
    with tempfile.TemporaryDirectory(prefix="srcli-video-") as folder:
        with SegmentWriter(Path(folder) / f"sample{segment_suffix(plan)}", plan) as writer:
            for index, pixels in enumerate(frames):
                writer.write(encodable(pixels, plan), index * ticks, ticks)
        return writer.packet_bytes


def _picture_bytes(spots: Sequence[Sequence[Planes]], inspection: VideoInspection) -> float:
    """Of a frame as a picture of its own, on an average of places."""
    with tempfile.TemporaryDirectory(prefix="srcli-video-") as folder:
        path = Path(folder) / "sample.png"
        sizes = []
        for pixels in (frames[0] for frames in spots):
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
