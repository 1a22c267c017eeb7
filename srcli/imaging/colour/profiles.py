"""ICC profiles: what they are for, and the way to sRGB where a file can't hold them."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageCms

from srcli.imaging.pixels.samples import to_samples, to_unit

if TYPE_CHECKING:
    from srcli.core.arrays import Planes

_MODES = {1: "L", 3: "RGB", 4: "CMYK"}
_SPACES = {1: "GRAY", 3: "RGB", 4: "CMYK"}
_SRGB_TOLERANCE = 2


def space_of(icc: bytes) -> str:
    """The colour space that a profile describes: ``RGB``, ``GRAY``, ``CMYK`` (ICC.1:2022, section 7.2.6)."""
    return icc[16:20].decode("latin-1").strip()


@lru_cache(maxsize=64)
def is_srgb(icc: bytes) -> bool:
    """Whether a profile means what sRGB means, by two of 255 levels at most; its name is not asked."""
    channels = next((count for count, space in _SPACES.items() if space == space_of(icc)), None)
    if channels not in (1, 3):
        return False
    steps = np.linspace(0, 1, 52 if channels == 1 else 6, dtype=np.float32)
    grid = np.stack(np.meshgrid(*[steps] * channels), axis=-1).reshape(1, -1, channels)
    try:
        converted = _through_profile(grid, icc, ImageCms.Intent.RELATIVE_COLORIMETRIC)
    except (ImageCms.PyCMSError, OSError):
        return False
    return bool(np.abs(converted - grid).max() * 255 <= _SRGB_TOLERANCE)


def to_srgb(colour: Planes, icc: bytes | None) -> Planes:
    """Convert grey, RGB or CMYK to sRGB through its profile, with perceptual intent, at 8 bits per sample.

    Args:
        colour: (height, width, 1, 3 or 4) float32, 0..1; CMYK as the light that is left.
        icc: the profile; without one, or with one that doesn't fit, grey and RGB stay and CMYK is converted
            as though inks were ideal filters.

    Returns:
        (height, width, 1 or 3) float32, 0..1.
    """
    channels = colour.shape[2]
    if icc and space_of(icc) == _SPACES[channels]:
        try:
            return _through_profile(colour, icc, ImageCms.Intent.PERCEPTUAL)
        except ImageCms.PyCMSError:
            # A profile that the colour engine refuses is as good as none.
            pass
    return colour if channels < 4 else colour[:, :, :3] * colour[:, :, 3:]


def _through_profile(colour: Planes, icc: bytes, intent: ImageCms.Intent) -> Planes:
    mode = _MODES[colour.shape[2]]
    samples = to_samples(1.0 - colour if mode == "CMYK" else colour, 8)
    image = Image.frombuffer(mode, (colour.shape[1], colour.shape[0]), samples.tobytes(), "raw", mode, 0, 1)
    converted = ImageCms.profileToProfile(
        image, BytesIO(icc), ImageCms.createProfile("sRGB"), renderingIntent=intent, outputMode="RGB"
    )
    levels = np.asarray(converted)
    # What was neutral stays so.
    return to_unit(levels[:, :, 1:2] if mode == "L" else levels)
