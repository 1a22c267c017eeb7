"""Bicubic shrinking by a simple fraction as a convolution, many times faster in onnxruntime than Resize.

A factor p / q repeats itself after q pixels: a window that moves in steps of q gives p x p pixels each time.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from srcli.importers.ncnn.graph import Blob
    from srcli.importers.ncnn.step import Step

LARGEST_TERM = 4
SHARPNESS = -0.75
"""The parameter a of the cubic kernel, as in PyTorch and OpenCV.

Source: Keys, "Cubic convolution interpolation for digital image processing", 1981.
"""


def simple_fraction(factors: tuple[float, float]) -> Fraction | None:
    """A factor below one for rows and columns alike, if its terms are small."""
    fraction = Fraction(factors[0]).limit_denominator(LARGEST_TERM)
    return fraction if factors == (float(fraction),) * 2 and 0 < fraction < 1 else None


def shrink_cubic(step: Step, blob: Blob, fraction: Fraction) -> Blob:
    """A blob (channels, height, width) made smaller by a fraction, which rounds its sides down."""
    p, q = fraction.numerator, fraction.denominator
    weights, before, after = _window(p, q)
    channels, height, width = blob.shape
    pads = step.integers("pads", 0, 0, before, before, 0, 0, after, after)
    padded = (channels, height + before + after, width + before + after)
    surrounded = step.emit("Pad", (blob, pads), padded, mode="edge")
    kernel = np.einsum("ai,bj->abij", weights, weights).reshape(p * p, 1, *(weights.shape[1],) * 2)
    name = step.constant("cubic", np.tile(kernel, (channels, 1, 1, 1)).astype(np.float32))
    rows, columns = -(-height // q), -(-width // q)
    parts = step.emit(
        "Conv", (surrounded, name), (channels * p * p, rows, columns), strides=[q, q], group=channels
    )
    if p > 1:
        parts = step.emit(
            "DepthToSpace", (parts,), (channels, rows * p, columns * p), blocksize=p, mode="CRD"
        )
    size = step.emit("Shape", (blob,), (2,), start=2)
    product = step.emit("Mul", (size, step.integers("p", p)), (2,))
    ends = step.emit("Div", (product, step.integers("q", q)), (2,))
    limits = (step.integers("starts", 0, 0), ends, step.integers("axes", 2, 3))
    return step.emit("Slice", (parts, *limits), (channels, height * p // q, width * p // q))


def _window(p: int, q: int) -> tuple[npt.NDArray[np.float64], int, int]:
    """Weights (p, pixels of the window), and how many pixels lie before and after the window's own place."""
    positions = [(index + 0.5) * q / p - 0.5 for index in range(p)]
    before = max(0, 1 - math.floor(positions[0]))
    after = math.floor(positions[-1]) + 2
    weights = [[_keys(pixel - position) for pixel in range(-before, after + 1)] for position in positions]
    return np.array(weights), before, after


def _keys(distance: float) -> float:
    """The cubic kernel at a distance in pixels."""
    x, a = abs(distance), SHARPNESS
    if x <= 1:
        return (a + 2) * x**3 - (a + 3) * x**2 + 1
    return a * (x**3 - 5 * x**2 + 8 * x - 4) if x < 2 else 0.0
