"""Which picture libraries and codecs are installed."""

from __future__ import annotations

import PIL
import pyvips
from PIL import features
from zlib_ng import zlib_ng

OPTIONAL_CODECS = {"JPEG": "jpg", "PNG": "zlib", "TIFF": "libtiff", "WebP": "webp", "AVIF": "avif"}
"""Formats whose codec a build of Pillow may lack, and Pillow's names of the codecs."""


def library_versions() -> dict[str, str]:
    """The versions of the picture libraries."""
    libvips = ".".join(str(pyvips.version(part)) for part in range(3))
    return {
        "Pillow": PIL.__version__,
        "pyvips": pyvips.__version__,
        "libvips": libvips,
        "zlib-ng": zlib_ng.ZLIBNG_VERSION,
    }


def available_codecs() -> dict[str, bool]:
    """Whether each format that needs an optional codec can be read and written."""
    return {name: bool(features.check(feature)) for name, feature in OPTIONAL_CODECS.items()}
