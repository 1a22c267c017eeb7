"""Pictures side by side in one PNG file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.geometry import Size
from srcli.imaging.encode import encode_picture, plan_encoding
from srcli.imaging.picture import Frame, Metadata, Mode, PictureInfo

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from srcli.core.arrays import Planes


def write_strip(pictures: Sequence[Planes], path: Path) -> None:
    """Write pictures of one size, (H, W, 3), 0..1, from left to right; replaces an older strip."""
    strip = np.concatenate(pictures, axis=1)
    size = Size(*strip.shape[:2])
    encoding = plan_encoding(_describe(size), size, format="png", quality=None, strip=True)
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    encode_picture(temporary, iter([Frame(strip, None)]), encoding)
    temporary.replace(path)


def _describe(size: Size) -> PictureInfo:
    return PictureInfo(
        format="PNG",
        size=size,
        mode=Mode.RGB,
        depth=8,
        has_alpha=False,
        frames=1,
        loop=None,
        lossless=True,
        metadata=Metadata(),
    )
