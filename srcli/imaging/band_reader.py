"""Large pictures read from top to bottom through libvips, without ever holding them whole."""

from __future__ import annotations

import os
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from srcli.core.geometry import Size
from srcli.imaging.libvips import load_vips, vips_errors
from srcli.imaging.picture import Frame, Mode
from srcli.imaging.samples import to_unit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from srcli.imaging.picture import PictureInfo
    from srcli.imaging.samples import Samples
    from srcli.imaging.source import Origin

_BAND_BYTES = 1 << 22


def bands_with_vips(origin: Origin, info: PictureInfo) -> Callable[[int], Iterator[Frame]]:
    """What reads a picture that needs no turning, from a row on, in bands of some megabytes.

    libvips decodes what Pillow does, bit for bit: both use libjpeg-turbo, and nothing else here is lossy.
    """
    return partial(_read_bands, origin, info)


def frame_of_samples(samples: Samples, info: PictureInfo) -> Frame:
    """A frame, or some rows of it, of upright integers (height, width, channels).

    Raises:
        ValueError: they are not what the header promises.
    """
    channels = info.mode.channels
    if 8 * samples.dtype.itemsize != info.depth or samples.shape[2] < channels + info.has_alpha:
        raise ValueError(f"{samples.shape[2]} channels of {samples.dtype} where its header promises others")
    alpha = to_unit(samples[:, :, channels]) if info.has_alpha else None
    colours = samples[:, :, :channels]
    return Frame(to_unit(~colours if info.mode is Mode.CMYK else colours), alpha)


def _read_bands(origin: Origin, info: PictureInfo, start: int) -> Iterator[Frame]:
    vips = load_vips()
    with vips_errors():
        image = vips.Image.new_from_source(_open(vips, origin), "", access="sequential", fail_on="truncated")
        region = vips.Region.new(image)
    size = Size(image.height, image.width)
    if size != info.size or image.format not in ("uchar", "ushort"):
        raise ValueError(f"a picture of {size} where its header promises {info.size}")
    kind = np.uint8 if image.format == "uchar" else np.uint16
    rows = max(1, _BAND_BYTES // (size.width * image.bands * np.dtype(kind).itemsize))
    for top in range(start, size.height, rows):
        height = min(rows, size.height - top)
        with vips_errors():
            data = region.fetch(0, top, size.width, height)
        yield frame_of_samples(np.frombuffer(data, kind).reshape(height, size.width, image.bands), info)


def _open(vips: Any, origin: Origin) -> Any:  # noqa: ANN401  pyvips carries no types
    """A source of its own, so that several readers of one picture don't move one another's position."""
    if isinstance(origin.stream, BytesIO):
        return vips.Source.new_from_memory(origin.stream.getvalue())
    handle = os.open(origin.stream.name, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        return vips.Source.new_from_descriptor(handle)
    finally:
        # libvips works on a copy.
        os.close(handle)
