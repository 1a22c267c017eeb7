"""The form in which finished pixels leave the path of a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from srcli.core.rows import Band

_Unfinished = TypeVar("_Unfinished", contravariant=True)

FLOAT_PIXEL_BYTES = 12
"""Three float32."""


@dataclass(frozen=True, slots=True)
class PixelFormat(Generic[_Unfinished]):
    """What finished pixels are to be.

    Attributes:
        convert: makes them, (height, width, channels) of any type, of some rows of float32 in 0..1: planes
            (height, width, 3) of a generator, or a frame with its alpha.
        pixel_bytes: memory that a pixel takes then.
        rounds_to_uint8: whether opaque RGB is rounded to 8-bit levels and nothing else is done to it, so that
            a device which can round may do that itself.
    """

    convert: Callable[[_Unfinished], Band]
    pixel_bytes: int = FLOAT_PIXEL_BYTES
    rounds_to_uint8: bool = False
