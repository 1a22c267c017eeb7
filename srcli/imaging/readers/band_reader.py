"""Pictures read from top to bottom through libvips, large ones without ever holding them whole."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from srcli.imaging.picture import Frame, Mode
from srcli.imaging.pixels.orientation import bake, baked_size
from srcli.imaging.pixels.samples import to_unit
from srcli.imaging.readers.libvips import VipsPicture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from srcli.core.geometry import Size
    from srcli.imaging.picture import PictureInfo
    from srcli.imaging.pixels.samples import Samples
    from srcli.imaging.readers.source import Origin

_BAND_BYTES = 1 << 22


def bands_with_vips(origin: Origin, info: PictureInfo, **options: Any) -> Callable[[int], Iterator[Frame]]:  # noqa: ANN401
    """What reads a picture that needs no turning, from a row on, in bands of some megabytes.

    libvips decodes what Pillow does, bit for bit: both use libjpeg-turbo, and nothing else here is lossy.

    Args:
        origin: the file.
        info: what its header says.
        options: of the loader of libvips, such as ``page``.
    """
    return partial(_read_bands, origin, info, options)


def frames_with_vips(
    origin: Origin,
    info: PictureInfo,
    orientation: int,
    **options: Any,  # noqa: ANN401
) -> Callable[[], Iterator[Frame]]:
    """What reads a whole picture and bakes its orientation in."""
    return partial(_read_whole, origin, info, orientation, options)


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


def _read_bands(origin: Origin, info: PictureInfo, options: dict[str, Any], start: int) -> Iterator[Frame]:
    for samples in _read_samples(origin, info.size, options, start):
        yield frame_of_samples(samples, info)


def _read_whole(
    origin: Origin, info: PictureInfo, orientation: int, options: dict[str, Any]
) -> Iterator[Frame]:
    size = baked_size(info.size, orientation)
    samples, top = None, 0
    for band in _read_samples(origin, size, options, 0):
        if samples is None:
            samples = np.empty((*size, band.shape[2]), band.dtype)
        samples[top : top + len(band)] = band
        top += len(band)
    assert samples is not None, "a picture has at least one row"
    yield frame_of_samples(bake(samples, orientation), info)


def _read_samples(origin: Origin, size: Size, options: dict[str, Any], start: int) -> Iterator[Samples]:
    picture = VipsPicture(origin, **options)
    if picture.size != size:
        raise ValueError(f"a picture of {picture.size} where its header promises {size}")
    rows = max(1, _BAND_BYTES // (size.width * picture.channels * picture.dtype.itemsize))
    for top in range(start, size.height, rows):
        origin.clock.check()
        yield picture.fetch(top, min(rows, size.height - top))
    picture.finish()
