"""Frames brought to what a file holds: flattened, converted, rounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from srcli.imaging.picture import Mode
from srcli.imaging.pixels.samples import Samples, to_samples

if TYPE_CHECKING:
    from srcli.core.arrays import Planes
    from srcli.imaging.picture import Frame
    from srcli.imaging.writers.encoding import Encoding


def fit_frame(frame: Frame, encoding: Encoding) -> Samples:
    """The integers of a frame, as they are written.

    Returns:
        (height, width, channels) of the encoding's depth: the colours, with CMYK as ink, then alpha where the
        encoding has it.
    """
    colour = _flatten(frame) if frame.alpha is not None and not encoding.has_alpha else frame.colour
    if encoding.to_srgb:
        colour = encoding.to_srgb(colour)
    samples = to_samples(colour, encoding.depth)
    if encoding.mode is Mode.CMYK:
        samples = ~samples
    if not encoding.has_alpha:
        return samples
    alpha = np.ones(colour.shape[:2], np.float32) if frame.alpha is None else frame.alpha
    return np.concatenate((samples, to_samples(alpha[:, :, None], encoding.depth)), axis=2)


def _flatten(frame: Frame) -> Planes:
    """Colour over white; white is 1.0 in every colour model."""
    assert frame.alpha is not None, "only transparent frames are flattened"
    alpha = frame.alpha[:, :, None]
    return frame.colour * alpha + (1.0 - alpha)
