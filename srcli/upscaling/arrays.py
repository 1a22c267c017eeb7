"""Arrays through a generator: what all kinds of pictures of the Python API come down to.

Rows are converted, enlarged and stored as they pass, so that beside the array given and the array returned
there are a few rows of floating point only; and the filled colours under transparent pixels, where there are
any.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from srcli.core.errors import InputError
from srcli.core.events import Progress, silent
from srcli.core.pixel_format import PixelFormat
from srcli.core.rows import rows_of, whole
from srcli.imaging.decode import open_picture
from srcli.imaging.pixels.samples import to_samples
from srcli.upscaling.enlargement import Enlargement, FrameRows, Recipe, rows_of_frame, stack
from srcli.upscaling.row_reading import ROWS_FROM_PIXELS, read_in_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy.typing as npt

    from srcli.core.rows import Band
    from srcli.imaging.picture import Frame
    from srcli.upscaling.enlarger import Enlarger

_CHANNELS = (1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Raster:
    """A picture as an array.

    Attributes:
        values: (height, width, 1, 2, 3 or 4) of uint8 or uint16 (full range) or floating point (0..1).
        is_ink: whether four channels are CMYK, 0 being no ink; else an even number ends with straight alpha.
    """

    values: npt.NDArray[Any]
    is_ink: bool = False

    @property
    def colours(self) -> int:
        """Channels beside alpha."""
        channels: int = self.values.shape[2]
        return channels if self.is_ink or channels % 2 else channels - 1


def upscale_raster(raster: Raster, generator: Enlarger, progress: Progress = silent) -> Raster:
    """Enlarge an array; its type and its order of bytes stay, and its channels unless it is given colour.

    Raises:
        InputError: its shape or type is none of those of a raster, or a value is not finite.
    """
    values = raster.values
    if values.ndim != 3 or values.shape[2] not in _CHANNELS or 0 in values.shape:
        raise InputError(
            f"an array of shape {values.shape} is no picture",
            hint="give (height, width) or (height, width, 1 to 4)",
        )
    peak = _peak_of(values.dtype)
    if peak == 1.0 and not np.isfinite(values).all():
        raise InputError("an array with values that are not finite is no picture")
    colour = rows_of(values[:, :, : raster.colours]).thin().map(_to_unit(peak, inverted=raster.is_ink))
    alpha = None
    if values.shape[2] > raster.colours:
        alpha = rows_of(values[:, :, raster.colours :]).thin().map(_to_unit(peak))
    frame = FrameRows(colour, raster.colours, alpha)
    return Raster(_enlarge(frame, values.dtype, generator, progress, inverted=raster.is_ink), raster.is_ink)


def upscale_file(path: Path, generator: Enlarger, progress: Progress = silent) -> Raster:
    """Enlarge the first frame of a picture file, into uint8 or uint16 as its depth is.

    Raises:
        InputError: it can't be read.
    """
    with ExitStack() as resources:
        picture = resources.enter_context(open_picture(path))
        if generator.card.colours:
            picture = picture.in_colour()
        info = picture.info
        if picture.in_rows and info.size.pixels > ROWS_FROM_PIXELS:
            frame = read_in_rows(picture, resources)
        else:
            frame = rows_of_frame(next(iter(picture.frames())))
        dtype = np.dtype(np.uint16 if info.depth == 16 else np.uint8)
        is_ink = frame.channels == 4
        return Raster(_enlarge(frame, dtype, generator, progress, inverted=is_ink), is_ink)


def _enlarge(
    frame: FrameRows, dtype: np.dtype[Any], generator: Enlarger, progress: Progress, *, inverted: bool
) -> npt.NDArray[Any]:
    """The larger picture, row by row."""
    opaque_rgb = frame.channels == 3 and frame.alpha is None
    enlargement = Enlargement(
        frame,
        frame.colour.size.scaled(generator.scale),
        Recipe((generator,)),
        PixelFormat(
            _store(dtype, inverted=inverted),
            (frame.channels + (frame.alpha is not None)) * dtype.itemsize,
            opaque_rgb and dtype == np.uint8,
        ),
        progress,
    )
    return whole(enlargement.rows)


def _peak_of(dtype: np.dtype[Any]) -> float:
    # The order of bytes says nothing about the values.
    if dtype.newbyteorder("=") in (np.uint8, np.uint16):
        return float(np.iinfo(dtype).max)
    if np.issubdtype(dtype, np.floating):
        return 1.0
    raise InputError(
        f"an array of {dtype} is no picture", hint="give uint8, uint16, or floating point in 0..1"
    )


def _to_unit(peak: float, *, inverted: bool = False) -> Callable[[Band], Band]:
    """What makes float32 in 0..1 of rows, with ink as the light that is left."""

    def convert(band: Band) -> Band:
        unit = np.asarray(band, dtype=np.float32) / np.float32(peak)
        return np.float32(1.0) - unit if inverted else unit

    return convert


def _store(dtype: np.dtype[Any], *, inverted: bool) -> Callable[[Frame], Band]:
    """What makes rows of the type asked for."""

    def convert(frame: Frame) -> Band:
        planes = stack(frame)
        if inverted:
            planes = np.float32(1.0) - planes
        if np.issubdtype(dtype, np.floating):
            return planes.astype(dtype)
        return to_samples(planes, 8 * dtype.itemsize).astype(dtype)

    return convert
