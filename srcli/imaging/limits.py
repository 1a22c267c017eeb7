"""How large a picture may be before srcli takes it for an attack."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from PIL import Image

from srcli.core.errors import InputError

if TYPE_CHECKING:
    from srcli.core.geometry import Size

MAX_PIXELS = 512 * 10**6
"""Pixels of the largest picture that is decoded: twice what the largest cameras take."""

# Pillow has one limit for the whole process. It is set so that what a damaged file makes Pillow reserve stays
# bounded; ``check_size`` is what users meet, so Pillow's own warning would only say it twice.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


def check_size(size: Size, max_pixels: int, name: str) -> None:
    """Refuse a picture that declares more than ``max_pixels`` pixels, or none.

    Raises:
        InputError: it does.
    """
    if size.height < 1 or size.width < 1:
        raise InputError(f"cannot read {name}: damaged (a picture of {size} pixels)")
    if size.pixels > max_pixels:
        found, limit = (f"{pixels / 1e6:.0f} megapixels" for pixels in (size.pixels, max_pixels))
        raise InputError(
            f"cannot read {name}: {size} is {found}, the limit is {limit}", hint="cut it into parts first"
        )
