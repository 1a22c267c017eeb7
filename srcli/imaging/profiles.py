"""ICC profiles: what they are for, and the way to sRGB where a file can't hold them."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageCms

from srcli.imaging.samples import to_samples, to_unit

if TYPE_CHECKING:
    from srcli.core.arrays import Planes

_MODES = {3: "RGB", 4: "CMYK"}
_SPACES = {3: "RGB", 4: "CMYK"}


def space_of(icc: bytes) -> str:
    """The colour space that a profile describes: ``RGB``, ``GRAY``, ``CMYK`` (ICC.1:2022, section 7.2.6)."""
    return icc[16:20].decode("latin-1").strip()


def is_srgb(icc: bytes) -> bool:
    """Whether a profile calls itself sRGB."""
    try:
        return "srgb" in ImageCms.getProfileDescription(BytesIO(icc)).lower()
    except (ImageCms.PyCMSError, OSError):
        return False


def to_srgb(colour: Planes, icc: bytes | None) -> Planes:
    """Convert RGB or CMYK to sRGB through its profile, with perceptual intent, at 8 bits per sample.

    Args:
        colour: (height, width, 3 or 4) float32, 0..1; CMYK as the light that is left.
        icc: the profile; without one, or with one that doesn't fit, RGB stays and CMYK is converted as though
            inks were ideal filters.

    Returns:
        (height, width, 3) float32, 0..1.
    """
    channels = colour.shape[2]
    if icc and space_of(icc) == _SPACES[channels]:
        try:
            return _through_profile(colour, icc)
        except ImageCms.PyCMSError:
            # A profile that the colour engine refuses is as good as none.
            pass
    return colour if channels == 3 else colour[:, :, :3] * colour[:, :, 3:]


def _through_profile(colour: Planes, icc: bytes) -> Planes:
    mode = _MODES[colour.shape[2]]
    samples = to_samples(colour if mode == "RGB" else 1.0 - colour, 8)
    image = Image.frombuffer(mode, (colour.shape[1], colour.shape[0]), samples.tobytes(), "raw", mode, 0, 1)
    converted = ImageCms.profileToProfile(
        image, BytesIO(icc), ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    return to_unit(np.asarray(converted))
