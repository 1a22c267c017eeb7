"""Results of an evaluation as files, a folder for each method."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.core.files import atomic_path
from srcli.core.geometry import Size
from srcli.imaging.encode import encode_picture, plan_encoding
from srcli.imaging.picture import Frame, Metadata, Mode, PictureInfo

if TYPE_CHECKING:
    from pathlib import Path

    from srcli.core.arrays import Planes


def result_path(folder: Path, method: str, picture: str) -> Path:
    """Where the result of a method lies: ``FOLDER/METHOD/PICTURE.png``."""
    return folder / method.replace("/", "_") / f"{picture}.png"


def save_result(planes: Planes, target: Path, depth: int) -> None:
    """Write a result as PNG of its reference's depth, in place of an earlier one.

    Args:
        planes: (height, width, 1 or 3) float32, 0..1.
        target: the file; folders are made.
        depth: 8 or 16 bits per sample.

    Raises:
        OutputError: it can't be written.
    """
    size = Size(*planes.shape[:2])
    mode = Mode.GREY if planes.shape[2] == 1 else Mode.RGB
    info = PictureInfo("PNG", size, mode, depth, False, 1, None, True, Metadata())
    encoding = plan_encoding(info, size, format="PNG", quality=None, strip=True)
    with atomic_path(target) as temporary:
        encode_picture(temporary, iter([Frame(planes, None)]), encoding)
