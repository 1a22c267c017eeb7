"""Pictures side by side in one PNG file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from srcli.core.files import atomic_path
from srcli.imaging.encode import write_rgb_png

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from srcli.core.arrays import Planes


def write_strip(pictures: Sequence[Planes], path: Path) -> None:
    """Write pictures of one size, (H, W, 3), 0..1, from left to right; replaces an older strip."""
    with atomic_path(path) as temporary:
        write_rgb_png(temporary, np.concatenate(pictures, axis=1))
