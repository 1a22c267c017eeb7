"""What a generator is worth between epochs, on photographs that it doesn't train on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from srcli.core.files import atomic_path
from srcli.core.geometry import Size
from srcli.imaging.encode import write_rgb_png
from srcli.imaging.pixels.resize import resize
from srcli.training.degradations.levels import levels_to_unit
from srcli.training.evaluation import enlarge_with, measure_pairs, to_planes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from torch import Tensor, nn

    from srcli.core.arrays import Planes
    from srcli.training.degradations import Degradation
    from srcli.training.evaluation import Figures
    from srcli.training.photographs import Pair

LARGEST_SIDE = 256
SEED = 7


class Validator:
    """Centres of the held-out photographs, degraded if need be, the same in every epoch and every session.

    Args:
        photographs: held out.
        degradation: the run's.
        scale: factor.
        count: the most photographs that are measured.
        device: where the generator is.
    """

    def __init__(
        self,
        photographs: Sequence[Pair],
        degradation: Degradation,
        scale: int,
        count: int,
        device: str,
    ) -> None:
        random = torch.Generator().manual_seed(SEED)
        self.pairs = [_centres(pair, degradation, scale, random) for pair in photographs[:count]]
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


def _centres(
    pair: Pair, degradation: Degradation, scale: int, random: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Low and high resolution, (3, h, w) and (3, scale*h, scale*w), 0..1, on the CPU."""
    if pair.low is None:
        high = levels_to_unit(_centre(pair.high, LARGEST_SIDE, scale))
        low = degradation(high[None], random)[0]
    else:
        low = levels_to_unit(_centre(pair.low, LARGEST_SIDE // scale))
        high = levels_to_unit(_centre(pair.high, LARGEST_SIDE // scale * scale, grid=scale))
    return low.cpu(), high.cpu()


def _centre(picture: Tensor, largest_side: int, multiple: int = 1, grid: int = 1) -> Tensor:
    """The centre of (3, H, W), whose sides are multiples of one number, and its corner of another."""
    height, width = (min(largest_side, size) // multiple * multiple for size in picture.shape[1:])
    top, left = (
        (size - side) // 2 // grid * grid
        for size, side in zip(picture.shape[1:], (height, width), strict=True)
    )
    return picture[:, top : top + height, left : left + width]


def write_strip(pictures: Sequence[Planes], path: Path) -> None:
    """Write pictures of one size, (H, W, 3), 0..1, from left to right; replaces an older strip."""
    with atomic_path(path) as temporary:
        write_rgb_png(temporary, np.concatenate(pictures, axis=1))
