"""What a picture will take on disk and in time, from a sample of it.

Crops from all over the picture are enlarged as the whole will be, joined into a small picture, and encoded as
the whole will be. Bytes and seconds then grow with the pixels. A small picture is its own sample.
"""

from __future__ import annotations

import math
import time
from dataclasses import astuple, dataclass, field, replace
from io import BytesIO
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from srcli.core.geometry import Size
from srcli.core.rows import Rows
from srcli.imaging.encode import encode_picture
from srcli.imaging.picture import Frame, Metadata
from srcli.upscaling.enlargement import upscale_frame
from srcli.upscaling.estimates import is_read_in_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from srcli.core.rows import Band
    from srcli.upscaling.enlargement import Recipe
    from srcli.upscaling.inspection import Inspection

Span: TypeAlias = tuple[int, int]
"""From a row or column to before another one."""

SPOTS = 4
"""Crops along each side of a picture."""
SIDE, SIDE_ON_GPU = 48, 192
"""Of a crop, in input pixels, without its rim: a GPU is not busy with less."""
RIM = 8
"""Input pixels around a crop that are enlarged for its sake and dropped."""
FRAMES = 4
"""Of an animation, which tell what a further frame costs."""
BUDGET_S = 30.0
"""For the samples of a run; afterwards pictures are judged by those of their kind that were sampled."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What a picture costs, beside what its metadata take.

    Attributes:
        bytes_per_pixel: of the output, over all its frames.
        seconds_per_pixel: of the input, with all that the windows compute twice, over all frames.
    """

    bytes_per_pixel: float
    seconds_per_pixel: float


@dataclass(slots=True)
class Estimator:
    """Estimates pictures of one run.

    Args:
        recipe: what is done to pictures; textures whose edges join are sampled as if they did not.
    """

    recipe: Recipe
    _spent_s: float = 0.0
    _known: dict[object, list[Rates]] = field(default_factory=dict)

    def disk_bytes(self, inspection: Inspection) -> int:
        """Size of the file that a picture will be written to."""
        frames = inspection.encoding.frames
        pixels = inspection.size.pixels * frames * self._rates(inspection).bytes_per_pixel
        return round(pixels) + _bytes_in(astuple(inspection.encoding.metadata))

    def seconds(self, inspection: Inspection) -> float:
        """How long a picture will take from file to file, once its turn has come."""
        frames = inspection.encoding.frames
        return _work(inspection) * frames * self._rates(inspection).seconds_per_pixel

    def _rates(self, inspection: Inspection) -> Rates:
        kind = _kind(inspection)
        known = self._known.setdefault((kind, inspection.job), [])
        alike = self._known.setdefault(kind, [])
        if not known and (self._spent_s < BUDGET_S or not alike):
            started_s = time.perf_counter()
            known.append(_sample(inspection, replace(self.recipe, generators=inspection.generators)))
            alike.append(known[0])
            self._spent_s += time.perf_counter() - started_s
        rates = known or alike
        count = len(rates)
        return Rates(
            sum(each.bytes_per_pixel for each in rates) / count,
            sum(each.seconds_per_pixel for each in rates) / count,
        )


def _kind(inspection: Inspection) -> object:
    """Pictures of one kind cost about the same per pixel."""
    info, encoding = inspection.info, inspection.encoding
    factors = tuple(generator.scale for generator in inspection.generators)
    return info.format, info.mode, info.has_alpha, encoding.format, encoding.animated, factors


def _sample(inspection: Inspection, recipe: Recipe) -> Rates:
    """Enlarge and encode crops of a picture."""
    info, encoding = inspection.info, inspection.encoding
    on_gpu = any(generator.device.on_gpu for generator in inspection.generators)
    # Crops that shrink must not become too small to show how their file does.
    side = math.ceil((SIDE_ON_GPU if on_gpu else SIDE) / min(1.0, *_factors(inspection)))
    rows, columns = (_spans(length, side) for length in info.size)
    clock = _Clock()
    frames = list(_crops_of_frames(inspection, rows, columns))
    decode_s = clock.lap() / len(frames)
    # The first run also pays for memory that later ones use again.
    upscale_frame(frames[0][0][0], _enlarged(frames[0][0][0], inspection), recipe)
    paces: list[float] = []
    larger = [_joined(crops, rows, columns, inspection, recipe, paces) for crops in frames]
    clock.lap()
    alone, together = (_encode(larger[:count], inspection) for count in (1, len(frames)))
    encode_s = clock.lap() / (1 + len(frames))
    pixels = larger[0].colour.shape[0] * larger[0].colour.shape[1]
    growth = inspection.size.pixels / pixels
    # The median, as other work on the machine may hold up any of them.
    seconds = decode_s + encode_s * growth + median(paces) * _work(inspection)
    further = (together - alone) / (len(frames) - 1) if len(frames) > 1 else 0.0
    frame_bytes = (alone + further * (encoding.frames - 1)) / encoding.frames
    return Rates(frame_bytes / pixels, seconds / _work(inspection))


class _Clock:
    """Tells the seconds since it was last asked."""

    def __init__(self) -> None:
        self._last_s = time.perf_counter()

    def lap(self) -> float:
        now_s = time.perf_counter()
        passed_s, self._last_s = now_s - self._last_s, now_s
        return passed_s


def _spans(length: int, side: int) -> list[tuple[Span, Span]]:
    """Where the crops lie along a side of the picture: without their rims and with them."""
    if length <= 2 * SPOTS * side:
        return [((0, length), (0, length))]
    starts = (round((index + 0.5) * length / SPOTS - side / 2) for index in range(SPOTS))
    return [
        ((start, start + side), (max(0, start - RIM), min(length, start + side + RIM))) for start in starts
    ]


Spans: TypeAlias = "Sequence[tuple[Span, Span]]"


def _crops_of_frames(inspection: Inspection, rows: Spans, columns: Spans) -> Iterator[list[list[Frame]]]:
    """The crops of the first frames, line by line, with their rims."""
    picture = inspection.picture
    if is_read_in_rows(inspection):
        yield _crops(picture.bands(0), rows, columns)
        return
    for frame in islice(picture.frames(), FRAMES if inspection.encoding.animated else 1):
        yield _crops((frame,), rows, columns)


def _crops(bands: Iterable[Frame], rows: Spans, columns: Spans) -> list[list[Frame]]:
    """Crops of a frame that comes in bands from top to bottom."""
    parts: list[list[list[Frame]]] = [[[] for _ in columns] for _ in rows]
    top, duration_ms = 0, 0.0
    for band in bands:
        bottom, duration_ms = top + len(band.colour), band.duration_ms
        for line, (_, (first, last)) in zip(parts, rows, strict=True):
            if first < bottom and last > top:
                cut = slice(max(first, top) - top, min(last, bottom) - top)
                for cell, (_, (left, right)) in zip(line, columns, strict=True):
                    cell.append(_cut(band, cut, slice(left, right)))
        top = bottom
    return [[_stacked(cell, duration_ms) for cell in line] for line in parts]


def _cut(frame: Frame, rows: slice, columns: slice) -> Frame:
    """A part of a frame that does not keep the whole in memory."""
    alpha = None if frame.alpha is None else frame.alpha[rows, columns].copy()
    return Frame(frame.colour[rows, columns].copy(), alpha, frame.duration_ms)


def _stacked(parts: Sequence[Frame], duration_ms: float) -> Frame:
    alphas = [part.alpha for part in parts if part.alpha is not None]
    colour = np.concatenate([part.colour for part in parts])
    return Frame(colour, np.concatenate(alphas) if alphas else None, duration_ms)


def _enlarged(frame: Frame, inspection: Inspection) -> Size:
    """The size of a crop's result."""
    factors = _factors(inspection)
    sides = zip(frame.colour.shape[:2], factors, strict=True)
    return Size(*(max(1, round(side * factor)) for side, factor in sides))


def _factors(inspection: Inspection) -> tuple[float, float]:
    size, source = inspection.size, inspection.info.size
    return size.height / source.height, size.width / source.width


def _joined(
    crops: list[list[Frame]],
    rows: Spans,
    columns: Spans,
    inspection: Inspection,
    recipe: Recipe,
    paces: list[float],
) -> Frame:
    """The results of crops, without their rims, side by side; adds the seconds that each took a pixel."""
    clock = _Clock()
    across, down = _factors(inspection)[1], _factors(inspection)[0]
    colours: list[list[Band]] = []
    alphas: list[list[Band]] = []
    for line, row in zip(crops, rows, strict=True):
        colours.append([])
        alphas.append([])
        for crop, column in zip(line, columns, strict=True):
            clock.lap()
            larger = upscale_frame(crop, _enlarged(crop, inspection), recipe)[0]
            paces.append(clock.lap() / (crop.colour.shape[0] * crop.colour.shape[1]))
            inner = (_inner(row, down), _inner(column, across))
            colours[-1].append(larger.colour[inner])
            if larger.alpha is not None:
                alphas[-1].append(larger.alpha[inner][:, :, None])
    joined = _mosaic(colours)
    return Frame(joined, _mosaic(alphas)[:, :, 0] if alphas[0] else None, crops[0][0].duration_ms)


def _inner(spans: tuple[Span, Span], factor: float) -> slice:
    """A crop's result along a side, without what its rim became."""
    (start, stop), (first, _) = spans
    begin = round((start - first) * factor)
    return slice(begin, begin + max(1, round((stop - start) * factor)))


def _mosaic(lines: list[list[Band]]) -> Band:
    return np.concatenate([np.concatenate(line, axis=1) for line in lines])


def _encode(frames: list[Frame], inspection: Inspection) -> int:
    """The bytes of a file of these frames."""
    encoding = replace(inspection.encoding, metadata=Metadata(), frames=len(frames))
    stream = BytesIO()
    encode_picture(stream, frames, encoding)
    return stream.getbuffer().nbytes


def _work(inspection: Inspection) -> float:
    """Pixels of the first generator's windows, which overlap; of the input where none runs."""
    size = inspection.info.size
    if not inspection.generators:
        return float(size.pixels)
    first = inspection.generators[0]
    return float(first.start(Rows(size, _never_read)).tiles * first.window_for(size).pixels)


def _never_read(start: int) -> Iterator[Band]:
    raise AssertionError("a picture is planned, not read")


def _bytes_in(value: object) -> int:
    """The length of all texts and bytes in nested tuples."""
    if isinstance(value, bytes | str):
        return len(value)
    return sum(map(_bytes_in, value)) if isinstance(value, tuple) else 0
