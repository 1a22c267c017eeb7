"""How much a picture file may hold before srcli takes it for an attack: pixels, and all else.

A limit on a single part bounds nothing where a file has thousands of them, so that sums are limited.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PIL import Image

from srcli.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.core.geometry import Size

MAX_PIXELS = 512 * 10**6
"""Pixels of the largest picture that is decoded: twice what the largest cameras take."""


MAX_ANIMATION_PIXELS = 64 * 10**9
"""Pixels of all frames of an animation together: five minutes of 4K at 25 frames a second."""

MOST_FRAMES = 50_000

MOST_PARTS = 10_000
"""Chunks, segments or blocks that hold no pixels; cameras and editors write some dozens."""

MAX_BESIDE_BYTES = 24 * 2**20
"""What these hold together: the largest colour profile that fits into a JPEG file has 16 MiB."""

MAX_UNFOLDED_BYTES = 64 * 2**20
"""What compressed texts and profiles of a PNG file may unfold to, all together."""

MAX_FILL_BYTES = 2**20
"""Between the segments of a JPEG file or the blocks of a GIF file, where Pillow reads them one by one."""

MOST_SCANS = 100
"""Of a JPEG file. Encoders write up to about thirty; each costs as much time as decoding the picture once."""

RUN_LENGTH_BYTES = 4
"""Of a BMP file for each pixel and each end of a row; a code of two bytes stands for one pixel or more."""

PIXEL_CHUNK_BYTES = 256
"""Chunks of pixels have at least so many bytes on average; encoders make them of 8 KiB and more."""


class TooMuchError(ValueError):
    """A file holds more of something than any honest one does. The message says of what, and the limit.

    Args:
        message: what the file does, beginning with "it" or the like.
        hint: how to have it read all the same.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class TooManyPixels(InputError):
    """A picture declares more pixels than are decoded.

    Args:
        message: with the number, and the limit.
        seen: pixels that it declares; None where the decoder doesn't tell.
        hint: what to do about it.
    """

    def __init__(self, message: str, seen: int | None, hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.seen = seen


class Allowance:
    """What a file may still hold beside its pixels.

    Args:
        parts: number of parts.
        size: bytes of all of them.
        what: the parts are, in words that follow their number.
    """

    def __init__(
        self, parts: int = MOST_PARTS, size: int = MAX_BESIDE_BYTES, what: str = "beside its pixels"
    ) -> None:
        self._parts, self._most_parts = 0, parts
        self._size, self._most_size = 0, size
        self._what = what

    def spend(self, size: int, parts: int = 1) -> None:
        """Count parts.

        Raises:
            TooMuchError: there are more than allowed, or they are larger than allowed.
        """
        self._parts += parts
        self._size += size
        if self._parts > self._most_parts:
            raise TooMuchError(f"it holds more than {self._most_parts} parts {self._what}")
        if self._size > self._most_size:
            raise TooMuchError(f"it holds more than {self._most_size / 2**20:.3g} MiB {self._what}")


class _PillowLimit:
    """Pillow's own limit, which holds for the whole process: raised as long as anything of ours reads.

    It bounds what a damaged file makes Pillow reserve; ``check_size`` is what users meet.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readers = 0
        self._of_the_host: int | None = None

    @contextmanager
    def raised(self) -> Iterator[None]:
        """Let Pillow read pictures as large as srcli does; the host's limit returns with the last reader."""
        with self._lock:
            if not self._readers:
                self._of_the_host, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, MAX_PIXELS
            self._readers += 1
        try:
            yield
        finally:
            with self._lock:
                self._readers -= 1
                if not self._readers:
                    Image.MAX_IMAGE_PIXELS = self._of_the_host


raised_pillow_limit = _PillowLimit().raised


def check_run_lengths(size: int, pixels: Size) -> None:
    """Refuse a BMP file whose codes, which Pillow reads one by one, are more than its pixels can take.

    Args:
        size: of the file, in bytes.
        pixels: of the picture.

    Raises:
        TooMuchError: there are more.
    """
    if size > RUN_LENGTH_BYTES * (pixels.pixels + pixels.height) + MAX_FILL_BYTES:
        raise TooMuchError(f"its {size >> 20} MiB of codes are more than a picture of {pixels} takes")


def check_scans(scans: int) -> None:
    """Refuse a JPEG file of more scans than any encoder writes.

    Raises:
        TooMuchError: it has more.
    """
    if scans > MOST_SCANS:
        raise TooMuchError(f"its pixels come in more than {MOST_SCANS} scans")


def check_size(size: Size, max_pixels: int, name: str) -> None:
    """Refuse a picture that declares more than ``max_pixels`` pixels, or none.

    Raises:
        TooManyPixels, InputError: it does.
    """
    if size.height < 1 or size.width < 1:
        raise InputError(f"cannot read {name}: damaged (a picture of {size} pixels)")
    if size.pixels > max_pixels:
        found, limit = (f"{pixels / 1e6:.0f} megapixels" for pixels in (size.pixels, max_pixels))
        raise TooManyPixels(
            f"cannot read {name}: {size} is {found}, the limit is {limit}",
            size.pixels,
            hint="cut it into parts first",
        )


def check_frames(size: Size, frames: int) -> None:
    """Refuse an animation of more frames, or more pixels in all of them, than any has.

    Raises:
        TooMuchError: it does.
    """
    if frames > MOST_FRAMES:
        raise TooMuchError(f"it has {frames} frames, the limit is {MOST_FRAMES}")
    if size.pixels * frames > MAX_ANIMATION_PIXELS:
        found, limit = size.pixels * frames / 1e9, MAX_ANIMATION_PIXELS / 1e9
        raise TooMuchError(f"its {frames} frames have {found:.0f} gigapixels, the limit is {limit:.0f}")
