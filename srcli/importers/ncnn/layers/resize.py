"""Layers that make pictures larger or smaller without weights."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.errors import DamagedModel, UnsuitableModel
from srcli.importers.ncnn.layers.cubic import SHARPNESS, shrink_cubic, simple_fraction

if TYPE_CHECKING:
    from srcli.importers.ncnn.graph import Blob
    from srcli.importers.ncnn.step import Step

METHODS = {1: "nearest", 2: "linear", 3: "cubic"}
ORDERS = {0: "CRD", 1: "DCR"}
LARGEST_FACTOR = 16


def interp(step: Step) -> Blob:
    """``Interp``: nearest, bilinear or bicubic, by factors, to a fixed size or to that of a second blob."""
    parameters = step.parameters
    method = parameters.choice(0, 0, METHODS)
    parameters.expect(9, "")  # an expression for the size
    factors = parameters.real(1, 1.0), parameters.real(2, 1.0)
    size = parameters.integer(3), parameters.integer(4)
    corners = bool(parameters.integer(6, 0, 0, 1))
    if parameters.integer(5, 0, 0, 1):
        blob, reference = step.exactly(2)
        if len(reference.shape) != 3:
            raise UnsuitableModel(f"resizes like a blob of {len(reference.shape)} axes, not 3")
        wanted = step.emit("Shape", (reference,), (2,), start=2)
        return _resized(step, blob, method, wanted, reference.shape[-2:], corners=corners)
    blob = step.only()
    if all(size):
        return _resized(step, blob, method, step.integers("size", *size), size, corners=corners)
    if any(size):
        raise UnsuitableModel(f"resizes to {size[0]} x {size[1]} pixels, of which one is given by a factor")
    return _by_factors(step, step.picture(), method, factors, corners=corners)


def pixel_shuffle(step: Step) -> Blob:
    """``PixelShuffle``: channels become pixels of a larger picture."""
    factor, order = step.parameters.integer(0, 1, 1, LARGEST_FACTOR), step.parameters.choice(1, 0, ORDERS)
    channels, height, width = step.picture().shape
    if channels % factor**2:
        raise DamagedModel(f"can't make {factor} x {factor} pixels of {channels} channels")
    shape = channels // factor**2, height * factor, width * factor
    return step.emit("DepthToSpace", (step.only(),), shape, blocksize=factor, mode=order)


def _by_factors(step: Step, blob: Blob, method: str, factors: tuple[float, float], *, corners: bool) -> Blob:
    """Resized by two factors, which also give the distance of the pixels where a side is rounded down.

    So does PyTorch; earlier versions of ncnn took the ratio of the rounded sides.
    """
    if not all(1 / LARGEST_FACTOR <= factor <= LARGEST_FACTOR for factor in factors):
        raise DamagedModel(f"resizes by {factors[0]:g} and {factors[1]:g}")
    if factors == (1, 1):
        return blob
    fraction = simple_fraction(factors)
    if method == "cubic" and fraction is not None and not corners:
        return shrink_cubic(step, blob, fraction)
    channels, height, width = blob.shape
    made = channels, math.floor(height * factors[0]), math.floor(width * factors[1])
    scales = step.constant("factors", np.array([1, 1, *factors], np.float32))
    return _resize(step, blob, method, ("", scales), made, corners=corners)


def _resized(
    step: Step, blob: Blob, method: str, wanted: Blob | str, made: tuple[int, ...], *, corners: bool
) -> Blob:
    """Resized to a size; a list of numbers counts as a picture of one pixel."""
    if len(blob.shape) == 1:
        blob = step.emit("Unsqueeze", (blob, step.integers("axes", 2, 3)), (*blob.shape, 1, 1))
        method = "nearest"
    if len(blob.shape) != 3:
        raise UnsuitableModel(f"takes a blob of {len(blob.shape)} axes, not 3")
    kept = step.emit("Shape", (blob,), (2,), start=0, end=2)
    sizes = step.emit("Concat", (kept, wanted), (4,), axis=0)
    return _resize(step, blob, method, ("", "", sizes), (blob.shape[0], *made), corners=corners)


def _resize(
    step: Step, blob: Blob, method: str, how: tuple[Blob | str, ...], shape: tuple[int, ...], *, corners: bool
) -> Blob:
    """ONNX's resizing with ncnn's positions."""
    if method == "nearest":
        return step.emit(
            "Resize",
            (blob, *how),
            shape,
            mode=method,
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )
    positions = "align_corners" if corners else "half_pixel"
    return step.emit(
        "Resize",
        (blob, *how),
        shape,
        mode=method,
        coordinate_transformation_mode=positions,
        cubic_coeff_a=SHARPNESS,
    )
