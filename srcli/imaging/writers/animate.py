"""Which animator serves which format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.imaging.writers.apng import animate_png
from srcli.imaging.writers.gif import animate_gif
from srcli.imaging.writers.webp_animation import animate_webp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from srcli.imaging.pixels.samples import Samples
    from srcli.imaging.writers.encoding import Encoding

ANIMATORS: dict[str, Callable[[Iterator[tuple[Samples, float]], Encoding], Iterator[bytes]]] = {
    "GIF": animate_gif,
    "PNG": animate_png,
    "WEBP": animate_webp,
}
"""Integers and durations in milliseconds, one frame at a time, to the blocks of a file."""
