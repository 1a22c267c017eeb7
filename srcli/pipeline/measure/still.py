"""Picture files as the measuring commands take them: one frame, grey or RGB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcli.core.errors import InputError
from srcli.core.names import printable
from srcli.imaging.decode import open_picture
from srcli.imaging.picture import Mode

if TYPE_CHECKING:
    from pathlib import Path

    from srcli.core.arrays import Plane, Planes
    from srcli.imaging.picture import PictureInfo


@dataclass(frozen=True, slots=True)
class Still:
    """One decoded picture.

    Attributes:
        name: of the file, to be shown.
        info: what the header says.
        colour: (height, width, 1 or 3) float32, 0..1.
        alpha: (height, width) float32, 0..1; ``None`` also where every pixel is opaque.
    """

    name: str
    info: PictureInfo
    colour: Planes
    alpha: Plane | None


def read_still(path: Path) -> Still:
    """Read a picture that can be measured.

    Raises:
        InputError: it can't be read, is an animation, or is neither grey nor RGB.
    """
    name = printable(path)
    with open_picture(path) as picture:
        info = picture.info
        if info.frames > 1:
            raise InputError(f"{name} is an animation of {info.frames} frames", hint="give still pictures")
        if info.mode is Mode.CMYK:
            raise InputError(f"{name} is CMYK", hint="convert it to RGB first: its levels are ink, not light")
        frame = next(iter(picture.frames()))
    opaque = frame.alpha is None or bool(frame.alpha.min() >= 1)
    return Still(name, info, frame.colour, None if opaque else frame.alpha)
