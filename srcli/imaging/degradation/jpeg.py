"""JPEG as a degradation: what one compression leaves of a picture."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from srcli.imaging.limits import raised_pillow_limit
from srcli.imaging.pixels.samples import to_samples, to_unit

if TYPE_CHECKING:
    from srcli.core.arrays import Planes


def compress_as_jpeg(planes: Planes, quality: int) -> Planes:
    """Compress a picture as JPEG with halved chroma (4:2:0), as web sites do, and decode it again.

    Args:
        planes: (height, width, 1 or 3) float32, clipped to 0..1 and rounded to 8 bit first.
        quality: 1..100 on libjpeg's scale.

    Returns:
        The same shape, float32, multiples of 1/255.
    """
    samples = to_samples(planes, 8)
    buffer = io.BytesIO()
    picture = Image.fromarray(samples[:, :, 0] if samples.shape[2] == 1 else samples)
    picture.save(buffer, "JPEG", quality=quality, subsampling="4:2:0")
    with raised_pillow_limit(), Image.open(buffer) as decoded:
        return to_unit(np.asarray(decoded).reshape(samples.shape))
