"""GIF files, frame by frame (GIF89a). Pillow would keep all frames in memory and merge equal ones."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from srcli.imaging.metadata.gif_blocks import aspect_byte, blocks_of_metadata
from srcli.imaging.writers.timing import FrameTicks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.imaging.pixels.samples import Samples
    from srcli.imaging.writers.encoding import Encoding

_KEEP, _CLEAR = 1, 2
_CLEAR_INDEX = 255
_TICK_MS = 10
# A palette from a sample is as good as one from all pixels (7.9 against 7.7 levels of error on a photograph),
# and takes a tenth of a second where twelve megapixels took minutes.
_SAMPLE_SIDE = 160


def animate_gif(frames: Iterator[tuple[Samples, float]], encoding: Encoding) -> Iterator[bytes]:
    """Yield the blocks of a GIF file.

    Each frame has a palette of its own: exact where 256 colours suffice (255 beside transparency), else
    chosen, with error diffusion. Pixels of less than half opacity become transparent. Delays count hundredths
    of a second; they are rounded so that the whole animation takes as long as it should.
    """
    ticks = FrameTicks(_TICK_MS)
    for index, (samples, duration_ms) in enumerate(frames):
        if index == 0:
            yield _header(samples, encoding)
        yield _frame(samples, encoding, ticks.ticks(duration_ms))
    yield b";"


def _header(samples: Samples, encoding: Encoding) -> bytes:
    height, width = samples.shape[:2]
    header = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x70, 0, aspect_byte(encoding.metadata))
    # A file that says nothing about repetition plays once; the number is of repetitions after the first time.
    if encoding.animated and encoding.loop != 1:
        repetitions = min(max((encoding.loop or 0) - 1, 0), 65535)
        header += b"!\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<HB", repetitions, 0)
    return header + blocks_of_metadata(encoding.metadata)


def _frame(samples: Samples, encoding: Encoding, delay: int) -> bytes:
    height, width = samples.shape[:2]
    clear = samples[:, :, -1] < 128 if encoding.has_alpha else None
    colours = samples[:, :, : encoding.mode.channels]
    indexed = _to_palette(np.broadcast_to(colours, (height, width, 3)), clear)
    disposal = _CLEAR if encoding.has_alpha else _KEEP
    flags = disposal << 2 | (clear is not None)
    control = b"!\xf9\x04" + struct.pack(
        "<BHBB", flags, min(delay, 65535), _CLEAR_INDEX if clear is not None else 0, 0
    )
    palette = bytes(indexed.getpalette() or [])[:768].ljust(768, b"\0")
    return control + b"," + struct.pack("<4HB", 0, 0, width, height, 0x87) + palette + _compressed(indexed)


def _to_palette(colours: Samples, clear: Samples | None) -> Image.Image:
    most = 256 if clear is None else _CLEAR_INDEX
    image = Image.fromarray(np.ascontiguousarray(colours))
    if image.getcolors(most) is not None:
        indexed = _exact_palette(colours)
    else:
        sample = image.copy()
        sample.thumbnail((_SAMPLE_SIDE, _SAMPLE_SIDE), Image.Resampling.NEAREST)
        palette = sample.quantize(most, Image.Quantize.MEDIANCUT, kmeans=1)
        indexed = image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
    if clear is not None:
        indexed.paste(_CLEAR_INDEX, mask=Image.fromarray(np.where(clear, np.uint8(255), np.uint8(0))))
    return indexed


def _exact_palette(colours: Samples) -> Image.Image:
    """A palette picture of at most 256 colours; Pillow's own quantisation changes some even then."""
    packed = colours.astype(np.uint32) @ np.array([65536, 256, 1], np.uint32)
    palette = np.unique(packed)
    indexed = Image.fromarray(np.searchsorted(palette, packed).astype(np.uint8)).convert("P")
    indexed.putpalette(palette.astype(">u4")[:, None].view(np.uint8)[:, 1:].tobytes())
    return indexed


def _compressed(indexed: Image.Image) -> bytes:
    """The compressed pixels of a GIF that Pillow writes, from the code size to the last sub-block."""
    buffer = BytesIO()
    indexed.save(buffer, "GIF", optimize=False, interlace=0)
    data = buffer.getvalue()
    position = 13 + 3 * (2 << (data[10] & 7)) if data[10] & 0x80 else 13
    while data[position : position + 1] == b"!":
        position = data.index(b"\0", position) + 1
    local = data[position + 9]
    return data[position + 10 + (3 * (2 << (local & 7)) if local & 0x80 else 0) : -1]
