"""Blurring each picture of a batch with a kernel of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch.nn import functional

if TYPE_CHECKING:
    from torch import Tensor


def blur(pictures: Tensor, kernels: Tensor) -> Tensor:
    """Convolve pictures (N, C, H, W) with kernels (N, k, k), k odd; borders are mirrored; the same shape."""
    count, channels, height, width = pictures.shape
    rim = kernels.shape[-1] // 2
    padded = functional.pad(pictures, (rim,) * 4, mode="reflect")
    planes = padded.reshape(1, count * channels, height + 2 * rim, width + 2 * rim)
    weights = kernels.to(pictures).repeat_interleave(channels, dim=0)[:, None]
    return functional.conv2d(planes, weights, groups=count * channels).reshape(pictures.shape)
