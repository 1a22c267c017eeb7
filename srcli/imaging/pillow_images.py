"""Pillow's pictures in memory, as integers and back: what the Python API takes and gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from srcli.core.errors import InputError
from srcli.imaging.pixels.samples import to_samples
from srcli.imaging.readers.pillow_modes import convert, working_mode

if TYPE_CHECKING:
    from srcli.core.rows import Band
    from srcli.imaging.pixels.samples import Samples

_DEEP_GREY = ("I;16", "I;16L", "I;16B", "I;16N")
_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


def samples_of_image(image: Image.Image) -> tuple[Samples, str]:
    """The integers of a picture, and the mode that they stand for.

    Args:
        image: of any mode that srcli reads: palettes become RGB or grey, 1-bit pixels grey.

    Returns:
        (height, width, channels) of uint8, or of uint16 for ``I;16``, and ``L``, ``LA``, ``RGB``, ``RGBA``,
        ``CMYK`` or ``I;16``.

    Raises:
        InputError: its pixels are of no kind that srcli knows.
    """
    if image.mode in _DEEP_GREY:
        return np.asarray(image).astype(np.uint16)[:, :, None], "I;16"
    mode = working_mode(image)
    if mode is None:
        raise InputError(
            f"an image of the mode {image.mode} is no picture", hint="convert it to RGB or L first"
        )
    samples: Samples = np.asarray(convert(image, mode))
    return (samples if samples.ndim == 3 else samples[:, :, None]), mode


def image_of_samples(samples: Band, mode: str | None = None) -> Image.Image:
    """A picture of integers, or of floating point in 0..1, which is rounded to 8 bits.

    Args:
        samples: (height, width, 1, 2, 3 or 4). Pillow holds 16 bits of grey only: colours are rounded to 8.
        mode: what they stand for, where the number of channels does not tell.
    """
    if samples.dtype.newbyteorder("=") == np.uint16:
        if samples.shape[2] == 1:
            return Image.fromarray(np.ascontiguousarray(samples[:, :, 0], np.uint16))
        samples = to_samples(samples.astype(np.float32) / np.float32(65535), 8)
    elif samples.dtype != np.uint8:
        samples = to_samples(np.clip(samples, 0.0, 1.0).astype(np.float32), 8)
    height, width, channels = samples.shape
    kind = mode if mode in ("L", "LA", "RGB", "RGBA", "CMYK") else _MODES[channels]
    return Image.frombytes(kind, (width, height), np.ascontiguousarray(samples).tobytes())
