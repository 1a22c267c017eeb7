"""Animated PNG, frame by frame (PNG, third edition, section 11.3.4)."""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import TYPE_CHECKING

from srcli.imaging.containers.png_chunks import build_chunk, insert_chunks, pixel_data
from srcli.imaging.metadata.png import chunks_of_metadata
from srcli.imaging.writers.png_writer import encode_plain_png

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.imaging.pixels.samples import Samples
    from srcli.imaging.writers.encoding import Encoding

_END = build_chunk(b"IEND", b"")
_MOST = 65535


def animate_png(frames: Iterator[tuple[Samples, float]], encoding: Encoding) -> Iterator[bytes]:
    """Yield the blocks of an animated PNG file. Every frame is whole, so there is nothing to dispose of."""
    sequence = 0
    for samples, duration_ms in frames:
        png = encode_plain_png(samples, encoding)
        control = _control(sequence, samples, duration_ms)
        if sequence == 0:
            count = (b"acTL", struct.pack(">II", encoding.frames, encoding.loop or 0))
            yield insert_chunks(png, [*chunks_of_metadata(encoding.metadata), count, control])[: -len(_END)]
            sequence = 1
            continue
        yield build_chunk(*control)
        yield build_chunk(b"fdAT", struct.pack(">I", sequence + 1) + pixel_data(png))
        sequence += 2
    yield _END


def _control(sequence: int, samples: Samples, duration_ms: float) -> tuple[bytes, bytes]:
    height, width = samples.shape[:2]
    delay = Fraction(duration_ms / 1000).limit_denominator(1000)
    if delay.numerator > _MOST:
        delay = Fraction(min(round(delay), _MOST))
    numbers = (sequence, width, height, 0, 0, delay.numerator, delay.denominator, 0, 0)
    return b"fcTL", struct.pack(">5I2H2B", *numbers)
