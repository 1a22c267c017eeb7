"""One picture made smaller and worse, as the settings say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.errors import InputError, UsageError
from srcli.core.geometry import Size
from srcli.imaging.colour.chroma import take_luma
from srcli.imaging.degradation.filters import blur, gaussian
from srcli.imaging.degradation.jpeg import compress_as_jpeg
from srcli.imaging.degradation.noise import add_gaussian
from srcli.imaging.degradation.real import degrade_real
from srcli.imaging.pixels.resize import METHODS, resize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.core.arrays import Planes

_LARGEST_SCALE = 16


@dataclass(frozen=True, slots=True)
class Degradation:
    """How pictures are degraded: made smaller, then noisy, then compressed.

    Attributes:
        scale: whole factor by which they shrink, 1..16.
        method: the interpolation that shrinks, antialiased.
        blur_sigma: Gaussian blur in pixels of the large picture, after which every ``scale``-th pixel is
            taken instead of interpolating.
        noise_sigma: Gaussian noise in 8-bit levels.
        jpeg_quality: 1..100 for one compression (4:2:0).
        grey: whether nothing but brightness is left, BT.601 luma as JPEG has it.
        real: the random second-order degradation of photographs instead of all of these.

    Raises:
        UsageError: they make no sense, or don't go together.
    """

    scale: int = 4
    method: str = "bicubic"
    blur_sigma: float | None = None
    noise_sigma: float | None = None
    jpeg_quality: int | None = None
    real: bool = False
    grey: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.scale <= _LARGEST_SCALE:
            raise UsageError(f"cannot shrink {self.scale} times", hint=f"choose 1 to {_LARGEST_SCALE}")
        if self.method not in METHODS:
            raise UsageError(f"unknown method '{self.method}'", hint=f"choose one of {', '.join(METHODS)}")
        for name, sigma in (("blur", self.blur_sigma), ("noise", self.noise_sigma)):
            if sigma is not None and not 0 < sigma <= 100:
                raise UsageError(f"a {name} of {sigma:g} is out of range", hint="choose above 0, up to 100")
        if self.jpeg_quality is not None and not 1 <= self.jpeg_quality <= 100:
            raise UsageError(f"JPEG quality {self.jpeg_quality} is out of range", hint="choose 1 to 100")
        if self.real and (self.blur_sigma or self.noise_sigma or self.jpeg_quality):
            raise UsageError("the real degradation brings its own blur, noise and JPEG")

    def __str__(self) -> str:
        """In words, such as ``bicubic /4, noise 5, JPEG 40``, or ``JPEG 40`` at scale 1."""
        return ", ".join(self._steps()) or "none"

    def _steps(self) -> Iterator[str]:
        factor = "" if self.scale == 1 else f" /{self.scale}"
        if self.real:
            yield f"second-order real{factor}"
        elif self.blur_sigma is not None:
            yield f"Gaussian blur {self.blur_sigma:g}" + (f", decimated{factor}" if factor else "")
        elif factor:
            yield f"{self.method}{factor}"
        if self.grey:
            yield "grey"
        if self.noise_sigma is not None:
            yield f"noise {self.noise_sigma:g}"
        if self.jpeg_quality is not None:
            yield f"JPEG {self.jpeg_quality}"

    @property
    def only_eight_bit(self) -> bool:
        """Whether what comes out has no more than 8 bits of truth."""
        return self.real or self.jpeg_quality is not None


def crop_to_multiple(planes: Planes, scale: int) -> Planes:
    """The largest part, from the top left, whose sides are multiples of the scale, as papers crop references.

    Raises:
        InputError: the picture is smaller than the scale.
    """
    height, width = (side // scale * scale for side in planes.shape[:2])
    if min(height, width) == 0:
        size = Size(*planes.shape[:2])
        raise InputError(f"{size} is too small to shrink {scale} times")
    return planes[:height, :width]


def degrade(planes: Planes, degradation: Degradation, rng: np.random.Generator, *, depth: int = 8) -> Planes:
    """Make the low-resolution picture.

    Args:
        planes: (height, width, 1 or 3) float32, 0..1, of ``depth`` bits; sides multiples of the scale.
        degradation: what to do.
        rng: of chance; not used by degradations without any.
        depth: bits to whose levels the result is rounded, half up as MATLAB rounds.

    Returns:
        (height / scale, width / scale, channels) float32, 0..1; one channel where it is to be grey.
    """
    peak = np.float32(2**depth - 1)
    size = Size(planes.shape[0] // degradation.scale, planes.shape[1] // degradation.scale)
    if degradation.real:
        return _round(_greyed(degrade_real(planes, size, rng), degradation) * peak, peak)
    # In whole levels sums of MATLAB's dyadic weights are exact, and so are the halves that are rounded up.
    levels = _greyed(_shrink(np.rint(planes * peak), size, degradation), degradation)
    if degradation.noise_sigma is not None:
        levels = add_gaussian(levels / peak, degradation.noise_sigma, rng) * peak
    if degradation.jpeg_quality is not None:
        levels = compress_as_jpeg(levels / peak, degradation.jpeg_quality) * peak
    return _round(levels, peak)


def _greyed(planes: Planes, degradation: Degradation) -> Planes:
    if not degradation.grey or planes.shape[2] == 1:
        return planes
    return take_luma(planes)[:, :, None]


def _shrink(levels: Planes, size: Size, degradation: Degradation) -> Planes:
    if degradation.blur_sigma is None:
        return resize(levels, size, method=degradation.method)
    return resize(blur(levels, gaussian(degradation.blur_sigma)), size, method="nearest")


def _round(levels: Planes, peak: np.float32) -> Planes:
    rounded: Planes = np.clip(np.floor(levels + np.float32(0.5)), 0, peak) / peak
    return rounded
