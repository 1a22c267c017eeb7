"""What browsers show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.imaging.picture import Mode

if TYPE_CHECKING:
    from srcli.imaging.picture import PictureInfo

_HIDDEN = frozenset({"TIFF", "PPM", "HEIC", "JXL"})


def is_shown(info: PictureInfo) -> bool:
    """Whether browsers show a picture as it is, turned as its EXIF says."""
    return info.format not in _HIDDEN and info.mode is not Mode.CMYK
