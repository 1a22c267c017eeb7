"""What JPEG takes from pictures, after a camera's noise: no blur, and no sharpening.

For generators that repair and otherwise leave a picture what it is; ``everyday`` also teaches to undo a soft
lens and the halos of sharpening.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.training.degradations.bicubic import BicubicReduction
from srcli.training.degradations.chance import uniform
from srcli.training.degradations.everyday import add_grain, compress_anywhere
from srcli.training.degradations.levels import round_to_levels

if TYPE_CHECKING:
    import torch
    from torch import Tensor

NOISE_LEVELS = (0.5, 22.0)
"""Standard deviation in 8-bit levels; the median is 6."""
NOISE_SHARE = 0.3
"""Where half of the pictures were noisy, grass and fur were taken for noise in all of them."""
JPEG_QUALITY = (85.0, 20.0)
"""The median is 69."""
JPEG_SHARE = 0.8


class CompressedDegradation:
    """Random noise and compression of batches; a share of each batch stays clean (bicubic only).

    Args:
        scale: factor from low to high resolution; 1 keeps the size.
        clean_share: share of clean pairs.
    """

    deterministic = False

    def __init__(self, scale: int, clean_share: float = 0.15) -> None:
        self.clean_share = clean_share
        self.reduce = BicubicReduction(scale)

    def __call__(self, high: Tensor, random: torch.Generator) -> Tensor:
        """High (N, 3, H, W), 0..1, to low at 8-bit levels."""
        low = self.reduce(high, random)
        rough = (uniform(0, 1, len(high), random) >= self.clean_share).nonzero().flatten().to(high.device)
        if len(rough):
            noisy = add_grain(low[rough], NOISE_SHARE, NOISE_LEVELS, random)
            low[rough] = round_to_levels(compress_anywhere(noisy, JPEG_SHARE, JPEG_QUALITY, random))
        return low
