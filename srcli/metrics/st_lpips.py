"""ST-LPIPS: a learned perceptual distance that hardly minds a shift by a pixel. Lower is better.

Source: Ghildyal and Liu, "Shift-tolerant perceptual similarity metric", ECCV 2022: AlexNet with a stride of
one in its first layer, and every halving done after a blur; the distance is that of LPIPS (Zhang et al.,
CVPR 2018, equation 1).
"""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from srcli.core.errors import InputError, UnsuitableModel
from srcli.metrics.pairs import check_pair, describe_shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from srcli.core.arrays import Planes

Features: TypeAlias = npt.NDArray[np.float32]
"""(height, width, channels) float32."""

SMALLEST_SIDE = 32
LARGEST_PIXELS = 4_000_000
"""The first layer keeps 64 channels at full size: a gigabyte at this many pixels."""

# Names in the network file: the convolutions in order, each with weight (out, in, side, side) and bias.
_CONVOLUTIONS = ("net.slice1.0", "net.slice2.5", "net.slice3.9", "net.slice4.11", "net.slice5.13")
_PADDING = (2, 2, 1, 1, 1)
_FACTORS = tuple(f"lin{layer}.model.1.weight" for layer in range(5))
_TINY = np.float32(1e-10)


@dataclass(frozen=True, slots=True)
class StLpips:
    """The metric with its network; call it like any other metric.

    Attributes:
        shift, scale: of the input on -1..1, one value per colour.
        layers: weight (out, in, side, side) and bias (out,) of each convolution.
        factors: importance of each channel after each convolution.
        sha256: of the network's file.
    """

    shift: Features
    scale: Features
    layers: tuple[tuple[Features, Features], ...]
    factors: tuple[Features, ...]
    sha256: str

    def __call__(self, result: Planes, reference: Planes, *, data_range: float) -> float:
        """The perceptual distance; 0 for identical pictures, about 0.5 for very different ones.

        Args:
            result: (height, width, 3 or 1) floats from 0 to ``data_range``, RGB; grey is taken as RGB.
            reference: the same shape.
            data_range: the value of white.

        Raises:
            InputError: the shapes differ, or the pictures are too small or too large.
            UsageError: ``data_range`` is not positive.
        """
        result, reference = check_pair(result, reference, data_range)
        height, width, _ = result.shape
        if min(height, width) < SMALLEST_SIDE or height * width > LARGEST_PIXELS:
            raise InputError(
                f"ST-LPIPS takes {SMALLEST_SIDE} pixels a side to {LARGEST_PIXELS / 1e6:g} megapixels, "
                f"and there are {describe_shape(result)}",
                hint="measure a part of the picture, or leave ST-LPIPS out",
            )
        pairs = zip(self._features(result, data_range), self._features(reference, data_range), strict=True)
        return sum(
            float(np.mean(((first - second) ** 2) @ factor, dtype=np.float64))
            for (first, second), factor in zip(pairs, self.factors, strict=True)
        )

    def _features(self, planes: Planes, data_range: float) -> Iterator[Features]:
        """What the network sees after each convolution, each pixel's channels scaled to unit length."""
        signed = np.broadcast_to(planes, (*planes.shape[:2], 3)) * np.float32(2 / data_range) - 1
        seen: Features = ((signed - self.shift) / self.scale).astype(np.float32)
        for index, ((weight, bias), padding) in enumerate(zip(self.layers, _PADDING, strict=True)):
            if index in (1, 2):
                seen = _blur_and_halve(_largest_of_nine(seen))
            seen = _convolve(seen, weight, padding) + bias
            seen = np.maximum(_blur_and_halve(seen) if index == 0 else seen, 0)
            yield seen / (np.linalg.norm(seen, axis=2, keepdims=True) + _TINY)


def load_st_lpips(path: Path) -> StLpips:
    """Read the network from a NumPy archive whose arrays have the names of the authors' PyTorch checkpoint.

    Raises:
        InputError: the file can't be read.
        UnsuitableModel: it is another network.
    """
    try:
        content = path.read_bytes()
        if not zipfile.is_zipfile(io.BytesIO(content)):
            raise ValueError("it is no .npz file, or only a part of one")
        with np.load(io.BytesIO(content)) as archive:
            arrays = {name: archive[name].astype(np.float32) for name in archive.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(f"cannot read the network {path}: {error}") from error
    try:
        return _assemble(arrays, hashlib.sha256(content).hexdigest())
    except KeyError as error:
        raise UnsuitableModel(f"{path} is no ST-LPIPS network: it has no array {error}") from error


def _assemble(arrays: Mapping[str, Features], sha256: str) -> StLpips:
    return StLpips(
        shift=arrays["scaling_layer.shift"].ravel(),
        scale=arrays["scaling_layer.scale"].ravel(),
        layers=tuple((arrays[f"{name}.weight"], arrays[f"{name}.bias"]) for name in _CONVOLUTIONS),
        factors=tuple(arrays[name].ravel() for name in _FACTORS),
        sha256=sha256,
    )


def _convolve(features: Features, weight: Features, padding: int) -> Features:
    """Cross-correlate with zeros beyond the border.

    One product per row of the kernel: all at once would copy every pixel side x side times.
    """
    outputs, inputs, side, _ = weight.shape
    padded = np.pad(features, ((padding, padding), (padding, padding), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, side, axis=1)
    height, width = padded.shape[0] - side + 1, windows.shape[1]
    total = np.zeros((height * width, outputs), np.float32)
    for row in range(side):
        lines = windows[row : row + height].reshape(height * width, inputs * side)
        total += lines @ weight[:, :, row].reshape(outputs, inputs * side).T
    return total.reshape(height, width, outputs)


def _largest_of_nine(features: Features) -> Features:
    """The largest of every 3x3 pixels, where all nine exist."""
    rows = np.maximum(np.maximum(features[:-2], features[1:-1]), features[2:])
    return np.maximum(np.maximum(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])


def _blur_and_halve(features: Features) -> Features:
    """Mirror two pixels beyond the border, blur by 1-2-1 along both axes, and keep every other pixel."""
    padded = np.pad(features, ((2, 2), (2, 2), (0, 0)), mode="reflect")
    rows = (padded[:-2:2] + 2 * padded[1:-1:2] + padded[2::2]) / np.float32(4)
    blurred: Features = (rows[:, :-2:2] + 2 * rows[:, 1:-1:2] + rows[:, 2::2]) / np.float32(4)
    return blurred
