"""How near enlarged pictures come to the originals, as papers measure it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from srcli.core.arrays import to_batch
from srcli.core.card import Quality
from srcli.imaging.colour.planes import join_passes, split_passes
from srcli.imaging.degradation.benchmarks import benchmark_degradations
from srcli.imaging.degradation.degradation import Degradation, crop_to_multiple, degrade
from srcli.metrics.protocol import Protocol, measure, usual_shave
from srcli.training.architectures import sides_multiple
from srcli.training.degradations.levels import levels_to_unit
from srcli.training.photographs import find_photographs, read_levels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from srcli.core.arrays import Batch, Planes

    Enlarge: TypeAlias = Callable[[Batch], Batch]

BENCHMARKS = ("Set5", "Set14", "BSD100")
MOST_DB = 100.0
"""What a result counts that equals its original: a mean with infinity in it would tell nothing."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over pictures on BT.601 luma: PSNR in dB, SSIM, and MSE on a range of 255."""

    psnr_db: float
    ssim: float
    mse: float


def enlarge_with(generator: nn.Module, device: str) -> Enlarge:
    """A generator in evaluation mode as a function of float32 arrays (N, 3, h, w), 0..1."""

    @torch.no_grad()
    def enlarge(batch: Batch) -> Batch:
        enlarged: Tensor = generator.eval()(torch.from_numpy(batch).to(device))
        result: Batch = enlarged.float().cpu().numpy()
        return result

    return for_any_sides(enlarge, sides_multiple(generator))


def for_any_sides(enlarge: Enlarge, multiple: int) -> Enlarge:
    """The same function for sides that are no multiples: last pixels are repeated, and cut off again."""
    if multiple == 1:
        return enlarge

    def enlarge_any(batch: Batch) -> Batch:
        height, width = batch.shape[2:]
        more = ((0, 0), (0, 0), (0, -height % multiple), (0, -width % multiple))
        enlarged = enlarge(np.pad(batch, more, mode="edge"))
        scale = enlarged.shape[2] // (height + more[2][1])
        return enlarged[..., : scale * height, : scale * width]

    return enlarge_any


def measure_pairs(enlarge: Enlarge, pairs: Iterable[tuple[Tensor, Tensor]], scale: int) -> Figures:
    """Enlarge low-resolution pictures and compare them with the originals.

    Args:
        enlarge: (N, 3, h, w) to (N, 3, scale*h, scale*w), float32, RGB 0..1.
        pairs: low (C, h, w) and high (C, scale*h, scale*w), 0..1, RGB or grey (C = 1).
        scale: the factor, which is also the width of the border left out; none is at scale 1.
    """
    protocol = Protocol(channel="y", shave=usual_shave(scale))
    found = [
        measure(_enlarge_planes(enlarge, to_planes(low.numpy())), to_planes(high.numpy()), protocol)
        for low, high in pairs
    ]
    means = {
        name: float(np.mean([min(figures[name], most) for figures in found]))
        for name, most in (("psnr", MOST_DB), ("ssim", 1.0), ("mse", np.inf))
    }
    return Figures(means["psnr"], means["ssim"], means["mse"])


def measure_benchmark(enlarge: Enlarge, folder: Path, degradation: str, scale: int) -> Quality:
    """Measure a generator on a folder of originals.

    Args:
        enlarge: see ``measure_pairs``.
        folder: of originals; its name is the benchmark's.
        degradation: how they are degraded; see ``srcli.imaging.degradation.benchmarks``.
        scale: of the generator.
    """
    how = benchmark_degradations(scale)[degradation]
    pairs = (_benchmark_pair(read_levels(path), how) for path in find_photographs(folder))
    figures = measure_pairs(enlarge, pairs, scale)
    return Quality(
        benchmark=folder.name,
        degradation=degradation,
        channel="y",
        shave=usual_shave(scale),
        psnr_db=round(figures.psnr_db, 3),
        ssim=round(figures.ssim, 4),
    )


def _enlarge_planes(enlarge: Enlarge, low: Planes) -> Planes:
    """A picture as `upscale` enlarges it: grey goes in as three planes and comes out as their mean."""
    passes = split_passes(low)
    enlarged = (enlarge(to_batch(planes))[0] for planes in passes)
    return join_passes(tuple(map(to_planes, enlarged)), low.shape[2])


def _benchmark_pair(levels: Tensor, degradation: Degradation) -> tuple[Tensor, Tensor]:
    high = crop_to_multiple(to_planes(levels_to_unit(levels).numpy()), degradation.scale)
    low = degrade(high, degradation, np.random.default_rng(0))
    return torch.from_numpy(to_batch(low)[0]), torch.from_numpy(to_batch(high)[0])


def to_planes(picture: Batch) -> Planes:
    """(3, H, W) to (H, W, 3), contiguous."""
    return np.ascontiguousarray(picture.transpose(1, 2, 0))
