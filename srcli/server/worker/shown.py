"""What browsers show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.imaging.picture import Mode

if TYPE_CHECKING:
    from srcli.imaging.picture import PictureInfo

_SHOWN = frozenset({"PNG", "JPEG", "WEBP", "GIF", "AVIF", "BMP"})


def is_shown(info: PictureInfo) -> bool:
    """Whether browsers show a picture as it is, turned as its EXIF says."""
    return info.format in _SHOWN and info.mode is not Mode.CMYK
