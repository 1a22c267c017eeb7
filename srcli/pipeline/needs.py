"""How much memory and disk a picture will need, before it is touched."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from srcli.pipeline.inspection import Inspection

FLOAT_BYTES = 4

# Bytes per sample of compressed output, at 8 bits, as measured on photographs; rough, and said to be so.
_BYTES_PER_SAMPLE = {"PNG": 0.55, "TIFF": 0.6, "WEBP": 0.4, "JPEG": 0.25, "AVIF": 0.12, "GIF": 0.35}


def memory_needed(inspection: Inspection) -> int:
    """Upper estimate, in bytes, of the memory that the pixels of one frame take at the widest moment.

    That moment is the end of the last pass: the input, what the passes before have given, the canvas of the
    pass, and one more canvas for the resize or the join of passes, all in float32, beside the encoder's
    integers.
    """
    info, size = inspection.info, inspection.size
    channels = info.mode.channels + info.has_alpha
    canvas = max(size.pixels, _reached_pixels(inspection)) * 3 * FLOAT_BYTES
    finished = size.pixels * channels * FLOAT_BYTES
    encoded = size.pixels * channels * (inspection.encoding.depth // 8) * 2
    return info.size.pixels * channels * FLOAT_BYTES * 2 + 2 * canvas + finished + encoded


def disk_needed(inspection: Inspection) -> int:
    """Rough estimate of the output file's size in bytes."""
    encoding = inspection.encoding
    channels = encoding.mode.channels + encoding.has_alpha
    samples = inspection.size.pixels * channels * (inspection.info.frames if encoding.animated else 1)
    per_sample = _BYTES_PER_SAMPLE.get(encoding.format, 1.0) * (2.2 if encoding.depth == 16 else 1.0)
    return math.ceil(samples * per_sample)


def tiles_seconds(inspection: Inspection, seconds_per_pixel: dict[int, float]) -> float:
    """Estimate of the seconds that the generators take.

    Args:
        inspection: the picture.
        seconds_per_pixel: measured seconds per input pixel, by the generator's scale.
    """
    info = inspection.info
    pixels, seconds = info.size.pixels, 0.0
    for generator in inspection.generators:
        seconds += pixels * seconds_per_pixel[generator.scale]
        pixels *= generator.scale**2
    passes = (2 if info.mode.channels == 4 else 1) + info.has_alpha
    return seconds * passes * (info.frames if inspection.encoding.animated else 1)


def _reached_pixels(inspection: Inspection) -> int:
    product = math.prod(generator.scale for generator in inspection.generators)
    return inspection.info.size.pixels * product**2
