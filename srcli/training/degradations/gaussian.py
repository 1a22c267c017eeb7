"""Gaussian blur, then every so-manieth pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.training.degradations.blur import blur
from srcli.training.degradations.kernels import gaussian_kernel
from srcli.training.degradations.levels import round_to_levels

if TYPE_CHECKING:
    import torch
    from torch import Tensor

SIGMA = 1.6
SIDE = 7


class GaussianDecimation:
    """The "BD" degradation of papers: a 7x7 Gaussian of sigma 1.6, then decimation, rounded to 8-bit levels.

    Of each ``scale`` x ``scale`` pixels the one at its centre (above and left of it for even scales) is kept.
    """

    deterministic = True

    def __init__(self, scale: int) -> None:
        self.scale = scale
        self.kernel = gaussian_kernel(SIDE, SIGMA)

    def __call__(self, high: Tensor, random: torch.Generator) -> Tensor:
        """High (N, 3, H, W), 0..1, to (N, 3, H//scale, W//scale), 0..1; ``random`` is not used."""
        height, width = (side // self.scale * self.scale for side in high.shape[-2:])
        blurred = blur(high[..., :height, :width], self.kernel.expand(len(high), -1, -1))
        phase = (self.scale - 1) // 2
        return round_to_levels(blurred[..., phase :: self.scale, phase :: self.scale])
