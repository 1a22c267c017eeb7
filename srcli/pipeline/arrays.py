"""The Python API's way in and out: plain arrays of the usual kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from srcli.core.errors import InputError
from srcli.core.geometry import Size
from srcli.imaging.decode import open_picture
from srcli.imaging.picture import Frame
from srcli.pipeline.image import Recipe, stack, upscale_frame

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from srcli.pipeline.enlarger import Enlarger


def upscale_array(picture: npt.NDArray[Any], generator: Enlarger) -> npt.NDArray[Any]:
    """Upscale an array; see :meth:`Generator.upscale` for what is accepted.

    Raises:
        InputError: the array's shape or type is none of the accepted ones.
    """
    peak = _peak_of(picture.dtype)
    planes = picture[:, :, None] if picture.ndim == 2 else picture
    if planes.ndim != 3 or planes.shape[2] not in (1, 3, 4) or 0 in planes.shape:
        raise InputError(
            f"an array of shape {picture.shape} is no picture",
            hint="give (height, width) or (height, width, 1, 3 or 4)",
        )
    unit = np.asarray(planes, dtype=np.float32) / np.float32(peak)
    if not np.isfinite(unit).all():
        raise InputError("an array with values that are not finite is no picture")
    has_alpha = unit.shape[2] == 4
    larger = _upscale(Frame(unit[:, :, :3], unit[:, :, 3] if has_alpha else None), generator)
    stored = _store(stack(larger), picture.dtype, peak)
    return stored[:, :, 0] if picture.ndim == 2 else stored


def upscale_file(path: Path, generator: Enlarger) -> npt.NDArray[Any]:
    """Upscale the first frame of a picture file into an array of its depth and channels."""
    with open_picture(path) as source:
        frame = next(source.frames())
        depth = source.info.depth
    larger = stack(_upscale(frame, generator))
    stored = _store(larger, np.dtype(np.uint16 if depth == 16 else np.uint8), float(2**depth - 1))
    return stored[:, :, 0] if stored.shape[2] == 1 else stored


def _upscale(frame: Frame, generator: Enlarger) -> Frame:
    size = Size(*frame.colour.shape[:2]).scaled(generator.scale)
    return upscale_frame(frame, size, Recipe((generator,)))[0]


def _peak_of(dtype: np.dtype[Any]) -> float:
    # The order of bytes says nothing about the values.
    if dtype.newbyteorder("=") in (np.uint8, np.uint16):
        return float(np.iinfo(dtype).max)
    if np.issubdtype(dtype, np.floating):
        return 1.0
    raise InputError(
        f"an array of {dtype} is no picture", hint="give uint8, uint16, or floating point in 0..1"
    )


def _store(planes: npt.NDArray[np.float32], dtype: np.dtype[Any], peak: float) -> npt.NDArray[Any]:
    return (np.rint(planes * peak) if peak > 1.0 else planes).astype(dtype)
