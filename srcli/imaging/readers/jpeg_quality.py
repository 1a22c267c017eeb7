"""How hard a JPEG file was compressed, from its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

_LUMA_SUM = 3688
"""Of the luma table of the standard (ITU-T T.81, table K.1), which libjpeg calls quality 50."""


def estimate_quality(image: Image.Image) -> int | None:
    """The quality, 1..100 on libjpeg's scale, of a JPEG that Pillow has opened; None for anything else."""
    tables = getattr(image, "quantization", None)
    return quality_of_table(tables[0]) if tables and 0 in tables else None


def quality_of_table(table: Sequence[int]) -> int:
    """The quality whose luma table has the same sum, after libjpeg's ``jpeg_quality_scaling``."""
    percent = 100 * sum(table) / _LUMA_SUM
    quality = 5000 / percent if percent > 100 else 100 - percent / 2
    return max(1, min(100, round(quality)))
