"""How large a picture may be before srcli takes it for an attack."""

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


def check_size(size: Size, max_pixels: int, name: str) -> None:
    """Refuse a picture that declares more than ``max_pixels`` pixels, or none.

    Raises:
        InputError: it does.
    """
    if size.height < 1 or size.width < 1:
        raise InputError(f"cannot read {name}: damaged (a picture of {size} pixels)")
    if size.pixels > max_pixels:
        found, limit = (f"{pixels / 1e6:.0f} megapixels" for pixels in (size.pixels, max_pixels))
        raise InputError(
            f"cannot read {name}: {size} is {found}, the limit is {limit}", hint="cut it into parts first"
        )
