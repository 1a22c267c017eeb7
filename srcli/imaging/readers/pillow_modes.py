"""Pillow's modes, brought to the few that srcli works with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from srcli.imaging.picture import Frame, Mode
from srcli.imaging.pixels.orientation import bake
from srcli.imaging.pixels.samples import Samples, to_unit

if TYPE_CHECKING:
    from srcli.core.geometry import Crop

MODE_OF = {"L": Mode.GREY, "LA": Mode.GREY, "RGB": Mode.RGB, "RGBA": Mode.RGB, "CMYK": Mode.CMYK}
"""Our colour model for each of the Pillow modes that frames are made from."""

_PLAIN = {
    "1": "L",
    "L": "L",
    "LA": "LA",
    "La": "LA",
    "PA": "RGBA",
    "RGB": "RGB",
    "RGBX": "RGB",
    "RGBA": "RGBA",
    "RGBa": "RGBA",
    "CMYK": "CMYK",
    "YCbCr": "RGB",
}


def working_mode(image: Image.Image) -> str | None:
    """The mode, a key of ``MODE_OF``, that frames are made from; None where srcli has no use for it."""
    clear = image.has_transparency_data
    if image.mode == "P":
        grey = has_grey_palette(image)
        return ("LA" if clear else "L") if grey else ("RGBA" if clear else "RGB")
    plain = _PLAIN.get(image.mode)
    return plain + "A" if clear and plain in ("L", "RGB") else plain


def has_grey_palette(image: Image.Image) -> bool:
    """Whether a palette picture is grey; one with a colour profile for RGB counts as coloured."""
    palette = image.palette
    if palette is None or "icc_profile" in image.info or (palette.rawmode or palette.mode) != "RGB":
        return False
    colours = np.frombuffer(bytes(palette.palette), np.uint8)
    colours = colours[: len(colours) // 3 * 3].reshape(-1, 3)
    return bool((colours == colours[:, :1]).all())


def describe_change(image: Image.Image, mode: str) -> str | None:
    """What a person should know about the way from the picture's own mode to ``mode``."""
    if image.mode in ("P", "PA"):
        return f"its palette was expanded to {'grey' if mode in ('L', 'LA') else 'RGB'}"
    if image.mode == "1":
        return "its 1-bit pixels were widened to 8-bit grey"
    if image.mode == "YCbCr":
        return "its YCbCr colours were converted to RGB"
    return None


def to_frame(image: Image.Image, mode: str, orientation: int = 1, crop: Crop | None = None) -> Frame:
    """Make a frame of a loaded picture.

    Args:
        image: in any mode that ``working_mode`` knows.
        mode: what ``working_mode`` gave for the file.
        orientation: of EXIF, baked in here.
        crop: the part that is shown, before the orientation; a damaged GIF has frames larger than itself.
    """
    samples: Samples = np.asarray(convert(image, mode))
    if crop is not None:
        samples = samples[crop.top : crop.bottom, crop.left : crop.right]
    samples = bake(samples, orientation)
    if samples.ndim == 2:
        samples = samples[:, :, None]
    colours = MODE_OF[mode].channels
    alpha = to_unit(samples[:, :, colours]) if samples.shape[2] > colours else None
    colour = to_unit(~samples if mode == "CMYK" else samples[:, :, :colours])
    return Frame(colour, alpha, float(image.info.get("duration") or 0.0))


def convert(image: Image.Image, mode: str) -> Image.Image:
    """The picture in a mode that ``working_mode`` gave for it."""
    if image.mode == mode:
        return image
    if image.mode == "P" and mode in ("L", "LA"):
        # Pillow's own way from a palette to grey would weigh three equal channels, and round.
        bands = image.convert("RGBA").split()
        return bands[0] if mode == "L" else Image.merge("LA", (bands[0], bands[3]))
    if image.mode in ("1", "L") and mode == "LA":
        return _key_to_alpha(image.convert("L"), image.info["transparency"])
    return image.convert(mode)


def _key_to_alpha(image: Image.Image, key: int) -> Image.Image:
    return Image.merge("LA", (image, image.point([0 if level == key else 255 for level in range(256)])))
