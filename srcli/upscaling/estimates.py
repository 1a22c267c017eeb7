"""How much memory and disk a picture will need, before it is touched.

Rows pass from the decoder through the generators to the encoder, so that memory grows with the width of a
picture, not with its height. What has to be held whole is counted here:

- inputs up to ``ROWS_FROM_PIXELS``, and larger ones that are not plain rows of a JPEG, PNG or TIFF file:
  WebP, AVIF, BMP, GIF and Netpbm, palettes, interlaced and progressive files, pictures that EXIF turns;
- inputs with transparency, since the colour under transparent pixels is filled from all around;
- inputs of ``--seamless``;
- outputs other than PNG, TIFF and Netpbm, as integers;
- every single frame of an animation.
"""

from __future__ import annotations

import math
import shutil
from typing import TYPE_CHECKING

from srcli.core.errors import OutOfMemory, OutputError
from srcli.core.geometry import Size
from srcli.core.pixel_format import FLOAT_PIXEL_BYTES
from srcli.engine.tiling.planner import CANVAS_BYTES, MOST_PATCHES, PATCH
from srcli.imaging.writers.row_writers import ROW_WRITERS
from srcli.upscaling.chain import links
from srcli.upscaling.fidelity.figures import AREA
from srcli.upscaling.row_reading import ROWS_FROM_PIXELS
from srcli.upscaling.settings import FidelityGuard

if TYPE_CHECKING:
    from collections.abc import Callable

    from srcli.upscaling.inspection import Inspection

FLOAT_BYTES = 4

RESUMABLE_FROM_PIXELS = 64 * 10**6
"""Outputs above this may be gone on with after a crash; smaller ones are quickly made again."""

PROCESS_BYTES = 90 * 2**20
"""What the interpreter, the libraries and a generator's weights take, roughly, whatever the picture."""

# What encoders take for each pixel of a still picture or a frame beside its integers: measured on 4 and 17
# megapixels with the libraries of November 2026.
_STILL_ENCODER_BYTES = {"AVIF": 36, "GIF": 9, "JPEG": 2, "BMP": 3, "WEBP": 12}
_LOSSLESS_WEBP_BYTES = 31
_WEBP_FILE_SHARE = {True: 0.6, False: 0.35}
"""Bytes of compressed WebP frames, which are kept until the last one, per sample; without loss and with."""

_DECODER_BYTES, _ENCODER_BYTES = 24 * 2**20, 24 * 2**20
_WINDOW = MOST_PATCHES * PATCH


def is_read_in_rows(inspection: Inspection) -> bool:
    """Whether a picture is decoded as its rows are needed."""
    return inspection.picture.in_rows and inspection.info.size.pixels > ROWS_FROM_PIXELS


def is_resumable(inspection: Inspection) -> bool:
    """Whether finished rows of the output outlive a crash."""
    encoding = inspection.encoding
    # Fidelity is that of a whole picture, not of the rows that a second run makes.
    large = not inspection.guard and inspection.size.pixels > RESUMABLE_FROM_PIXELS
    return large and not encoding.animated and encoding.format in ROW_WRITERS


def memory_needed(inspection: Inspection) -> int:
    """Estimate, in bytes, of the memory that a picture takes at the widest moment, beside the process's."""
    needed = _input_bytes(inspection) + _canvas_bytes(inspection) + _output_bytes(inspection)
    needed += _window_bytes(inspection) + _ensemble_bytes(inspection)
    return needed + (_guard_bytes(inspection) if inspection.guard else 0)


def memory_held(inspection: Inspection) -> int:
    """Bytes of a picture that is decoded and waits for its turn."""
    info = inspection.info
    if is_read_in_rows(inspection) or inspection.encoding.animated:
        return 0
    return info.size.pixels * (info.mode.channels + info.has_alpha) * FLOAT_BYTES


def _window_bytes(inspection: Inspection) -> int:
    """Bytes of the machine's own memory that the generators take for the largest of a picture's windows."""
    most = 0
    for link in links(inspection.generators, inspection.info.size):
        generator = link.generator
        if not generator.device.kind.own_memory:
            window = generator.window_for(link.before)
            most = max(most, window.pixels * generator.session.traits.bytes_per_pixel)
    return most


def check_memory(inspection: Inspection, available: int) -> None:
    """See that a picture fits into the memory that is free, in bytes.

    Raises:
        OutOfMemory: it does not.
    """
    needed = memory_needed(inspection)
    if needed > available:
        in_rows = inspection.encoding.format in ROW_WRITERS
        raise OutOfMemory(
            f"{inspection.job.source.name} at {inspection.size} needs about {bytes_in_words(needed)} of "
            f"memory and {bytes_in_words(available)} are free",
            hint="choose a smaller scale, or cut the picture"
            if in_rows
            else "add --format png, which is written row by row, or choose a smaller scale",
        )


def bytes_in_words(size: int) -> str:
    """A number of bytes as people say it."""
    if size >= 2**30:
        return f"{size / 2**30:.1f} GiB"
    return f"{size >> 20} MiB" if size >= 2**20 else f"{size >> 10} KiB"


def check_disk(inspection: Inspection, estimate: Callable[[Inspection], int], planned: int = 0) -> None:
    """See that the disk has room for the output.

    Args:
        inspection: the picture.
        estimate: gives the size of the output in bytes; asked where even its raw pixels might not fit.
        planned: bytes that other outputs will have taken by then.

    Raises:
        OutputError: it has not.
    """
    target = inspection.job.target.path
    if target is None:
        return
    folder = next(parent for parent in target.absolute().parents if parent.exists())
    free = max(0, shutil.disk_usage(folder).free - planned)
    if free >= _raw_bytes(inspection):
        return
    needed = estimate(inspection)
    if needed > free:
        raise OutputError(
            f"{inspection.job.target.name} needs about {bytes_in_words(needed)} and {bytes_in_words(free)} "
            "are free on its disk",
            hint="free some space, or choose another folder with -o",
        )


def _raw_bytes(inspection: Inspection) -> int:
    """More than any encoder makes of the output."""
    encoding = inspection.encoding
    return 2 * inspection.size.pixels * encoding.pixel_bytes * encoding.frames + 2**20


def _input_bytes(inspection: Inspection) -> int:
    """The input as float32, and what its decoder or the filling of colours holds beside it."""
    info = inspection.info
    whole = info.size.pixels * (info.mode.channels + info.has_alpha) * FLOAT_BYTES
    if info.has_alpha:
        return 4 * whole
    if is_read_in_rows(inspection) and not inspection.seamless:
        return _DECODER_BYTES + 2 * min(info.size.height, _WINDOW) * info.size.width * FLOAT_PIXEL_BYTES
    # As rows that are joined, or with the decoder's integers and the coefficients of a progressive JPEG file.
    return 2 * whole if inspection.seamless else 7 * whole // 4


def _canvas_bytes(inspection: Inspection) -> int:
    """What rows of windows give, for each pass of each generator: one being computed, one being read."""
    info, needed = inspection.info, 0
    passes = (2 if info.mode.channels == 4 else 1) + info.has_alpha
    direct = passes == 1 and inspection.strength == 1.0 and not inspection.guard
    for link in links(inspection.generators, info.size):
        finished = direct and link.last and link.after == inspection.size
        pixel_bytes = inspection.encoding.pixel_bytes if finished else FLOAT_PIXEL_BYTES
        needed += 2 * passes * _band_bytes(link.after, link.generator.scale, pixel_bytes)
        if inspection.seamless and not link.last:
            needed += 2 * link.after.pixels * FLOAT_PIXEL_BYTES
    return needed


def _ensemble_bytes(inspection: Inspection) -> int:
    """Results of a window in several orientations."""
    window = Size(_WINDOW, _WINDOW)
    return max(
        (
            run.options.ensemble.held * window.scaled(run.scale).pixels * FLOAT_PIXEL_BYTES
            for run in inspection.generators
        ),
        default=0,
    )


def _guard_bytes(inspection: Inspection) -> int:
    """The input a second time, and rows that wait until those below them are shrunk and compared."""
    info, size = inspection.info, inspection.size
    channels = info.mode.channels + info.has_alpha
    factor = math.ceil(size.height / info.size.height)
    rows = (3 * AREA if inspection.guard is FidelityGuard.CORRECT else AREA) * factor
    scale = max((run.scale for run in inspection.generators), default=1)
    band = _band_bytes(size, scale, channels * FLOAT_BYTES)
    waiting = min(rows, size.height) * size.width * channels * FLOAT_BYTES
    again = info.size.pixels * channels * FLOAT_BYTES if info.has_alpha else 0
    if not again and is_read_in_rows(inspection):
        again = 2 * _DECODER_BYTES
    return 2 * band + waiting + again


def _output_bytes(inspection: Inspection) -> int:
    """Rows on their way to the encoder, and what the encoder holds."""
    encoding, size = inspection.encoding, inspection.size
    whole = size.pixels * encoding.pixel_bytes
    if encoding.animated:
        frame = 2 * size.pixels * (FLOAT_PIXEL_BYTES + FLOAT_BYTES) + 2 * whole
        return frame + _still_encoder_bytes(inspection) + _waiting_frames_bytes(inspection)
    band = _band_bytes(
        size, max((run.scale for run in inspection.generators), default=1), encoding.pixel_bytes
    )
    if encoding.format in ROW_WRITERS:
        return 2 * band + _ENCODER_BYTES
    return 2 * band + 2 * whole + _still_encoder_bytes(inspection)


def _still_encoder_bytes(inspection: Inspection) -> int:
    encoding = inspection.encoding
    lossless = encoding.format == "WEBP" and encoding.lossless
    each = _LOSSLESS_WEBP_BYTES if lossless else _STILL_ENCODER_BYTES.get(encoding.format, 0)
    return each * inspection.size.pixels


def _waiting_frames_bytes(inspection: Inspection) -> int:
    """Compressed frames that wait until the file's length is known, which stands at its start."""
    encoding = inspection.encoding
    if encoding.format != "WEBP":
        return 0
    samples = inspection.size.pixels * encoding.pixel_bytes * encoding.frames
    return int(samples * _WEBP_FILE_SHARE[encoding.lossless])


def _band_bytes(size: Size, scale: int, pixel_bytes: int) -> int:
    """The result of a row of windows across a picture of this size."""
    return min(min(size.height, _WINDOW * scale) * size.width * pixel_bytes, CANVAS_BYTES)
