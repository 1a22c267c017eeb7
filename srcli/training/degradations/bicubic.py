"""MATLAB's bicubic reduction, the degradation of the classical benchmarks."""

from __future__ import annotations

import torch
from torch import Tensor

from srcli.training.degradations.levels import round_to_levels


class BicubicReduction:
    """Equal to ``imresize(picture, 1/scale)`` of MATLAB, rounded to 8-bit levels.

    For a whole factor the antialiased cubic kernel (Keys 1981, a = -0.5, stretched by the factor) has the
    same taps for every output pixel, so the reduction is a strided convolution after symmetric padding.
    """

    deterministic = True

    def __init__(self, scale: int) -> None:
        self.scale = scale
        self.taps = reduction_taps(scale)

    def __call__(self, high: Tensor, random: torch.Generator) -> Tensor:
        """High (N, 3, H, W), 0..1, to (N, 3, H//scale, W//scale) at 8-bit levels; ``random`` is not used.

        Rows and columns beyond a multiple of the factor are dropped at the bottom and right.
        """
        return round_to_levels(reduce_bicubic(high, self.taps, self.scale))


def reduce_bicubic(high: Tensor, taps: Tensor, scale: int) -> Tensor:
    """High (N, C, H, W) to (N, C, H//scale, W//scale) in float64, unrounded."""
    height, width = (side // scale * scale for side in high.shape[-2:])
    # float64, as in MATLAB: in float32 some pixels that fall on half a level round the other way.
    padded = symmetric_pad(high[..., :height, :width].double(), (len(taps) - scale) // 2)
    return _weigh(_weigh(padded, taps, scale, -2), taps, scale, -1)


def _weigh(padded: Tensor, taps: Tensor, scale: int, axis: int) -> Tensor:
    """A strided convolution along an axis, as a sum of strided views: half the time of ``conv2d``."""
    reach = padded.shape[axis] - len(taps) + 1
    views = [padded.narrow(axis, offset, reach).unfold(axis, 1, scale)[..., 0] for offset in range(len(taps))]
    total = taps[0].item() * views[0]
    for weight, view in zip(taps[1:].tolist(), views[1:], strict=True):
        total.add_(view, alpha=weight)
    return total


def reduction_taps(scale: int) -> Tensor:
    """The 4*scale (even) or 4*scale-1 (odd) weights of the stretched cubic kernel, float64, sum 1."""
    count = 4 * scale - scale % 2
    offsets = torch.arange(count, dtype=torch.float64) - (count - 1) / 2
    weights = cubic(offsets / scale)
    return weights / weights.sum()


def cubic(distance: Tensor) -> Tensor:
    """Keys' cubic convolution kernel with a = -0.5 (IEEE TASSP 29, 1981, equation 15)."""
    x = distance.abs()
    near = 1.5 * x**3 - 2.5 * x**2 + 1
    far = -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    return torch.where(x <= 1, near, torch.where(x < 2, far, torch.zeros_like(x)))


def symmetric_pad(picture: Tensor, margin: int) -> Tensor:
    """Pad height and width by ``margin`` mirrored pixels, border pixel repeated (MATLAB's 'symmetric')."""
    for axis in (-2, -1):
        size = picture.shape[axis]
        index = torch.arange(-margin, size + margin, device=picture.device) % (2 * size)
        picture = picture.index_select(axis, torch.where(index < size, index, 2 * size - 1 - index))
    return picture
