"""What a generator is worth between epochs, on photographs that it doesn't train on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from srcli.core.geometry import Size
from srcli.imaging.resize import resize
from srcli.training.degradations.levels import levels_to_unit
from srcli.training.evaluation import enlarge_with, measure_pairs, to_planes
from srcli.training.strip import write_strip

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from torch import Tensor, nn

    from srcli.training.degradations import Degradation
    from srcli.training.evaluation import Figures

LARGEST_SIDE = 256
SEED = 7


class Validator:
    """Degraded centres of the held-out photographs, the same in every epoch and every session.

    Args:
        photographs: (3, H, W), uint8, RGB.
        degradation: the run's.
        scale: factor.
        count: the most photographs that are measured.
        device: where the generator is.
    """

    def __init__(
        self,
        photographs: Sequence[Tensor],
        degradation: Degradation,
        scale: int,
        count: int,
        device: str,
    ) -> None:
        random = torch.Generator().manual_seed(SEED)
        highs = [levels_to_unit(_centre(photograph, scale)) for photograph in photographs[:count]]
        self.pairs = [(degradation(high[None], random)[0].cpu(), high.cpu()) for high in highs]
        self.scale = scale
        self.device = device

    def measure(self, generator: nn.Module) -> Figures:
        """Mean PSNR, SSIM and MSE of a generator."""
        return measure_pairs(enlarge_with(generator, self.device), self.pairs, self.scale)

    def write_sample(self, generator: nn.Module, path: Path) -> None:
        """Write the first picture as a strip: low resolution, bicubic, generated, high resolution."""
        low, high = self.pairs[0]
        generated = enlarge_with(generator, self.device)(low[None].numpy())[0]
        small, large = to_planes(low.numpy()), to_planes(high.numpy())
        size = Size(*large.shape[:2])
        repeated, bicubic = resize(small, size, method="nearest"), resize(small, size)
        write_strip(
            [np.clip(planes, 0, 1) for planes in (repeated, bicubic, to_planes(generated), large)], path
        )


def _centre(photograph: Tensor, scale: int) -> Tensor:
    side_limit = LARGEST_SIDE // scale * scale
    height, width = (min(side_limit, size // scale * scale) for size in photograph.shape[1:])
    top, left = (photograph.shape[1] - height) // 2, (photograph.shape[2] - width) // 2
    return photograph[:, top : top + height, left : left + width]
