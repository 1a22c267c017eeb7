"""The figures on a generator's card, measured again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.errors import InputError
from srcli.core.events import Events
from srcli.engine.inference.ort_session import CPU
from srcli.imaging.degradation.benchmarks import benchmark_degradations
from srcli.pipeline.evaluate.evaluation import evaluate
from srcli.pipeline.evaluate.figure import EvaluationSettings
from srcli.pipeline.evaluate.ledger import Ledger
from srcli.pipeline.measure.pairs import named_pictures
from srcli.upscaling.generator import Generator, RunOptions
from srcli.upscaling.methods import Method

if TYPE_CHECKING:
    from pathlib import Path

    from srcli.core.card import Quality
    from srcli.metrics.protocol import Channel
    from srcli.models.store import InstalledModel

PSNR_TOLERANCE_DB = 0.02
"""Cards give three decimals; processors differ in the last bits, and round a level apart now and then."""
SSIM_TOLERANCE = 0.0005


@dataclass(frozen=True, slots=True)
class Comparison:
    """A figure on a card, and what was measured now: means over the pictures of the benchmark."""

    card: Quality
    psnr_db: float
    ssim: float

    @property
    def agrees(self) -> bool:
        """Whether both are the same but for rounding."""
        return (
            abs(self.psnr_db - self.card.psnr_db) <= PSNR_TOLERANCE_DB
            and abs(self.ssim - self.card.ssim) <= SSIM_TOLERANCE
        )

    def to_json(self) -> dict[str, object]:
        """JSON-ready values."""
        return {
            "benchmark": self.card.benchmark,
            "card_psnr_db": self.card.psnr_db,
            "psnr_db": round(self.psnr_db, 3),
            "card_ssim": self.card.ssim,
            "ssim": round(self.ssim, 4),
            "agrees": self.agrees,
        }

    def __str__(self) -> str:
        return (
            f"{self.card.benchmark} {self.psnr_db:.2f} dB, SSIM {self.ssim:.4f}; "
            f"the card says {self.card.psnr_db:.2f} dB, {self.card.ssim:.4f}"
        )


def compare_with_card(model: InstalledModel, benchmarks: Path) -> tuple[Comparison, ...]:
    """Measure a generator on the benchmarks of its card, on the CPU.

    Only figures on pictures that were degraded as srcli does it are measured, and only on benchmarks that
    are there.

    Args:
        model: the generator.
        benchmarks: folder with a folder of pictures for each benchmark.

    Raises:
        InputError: a picture can't be read, or the folder holds none of the card's benchmarks.
    """
    degradations = benchmark_degradations(model.card.scale)
    known = [figure for figure in model.card.quality if figure.degradation in degradations]
    there = [figure for figure in known if (benchmarks / figure.benchmark).is_dir()]
    if known and not there:
        names = ", ".join(figure.benchmark for figure in known)
        raise InputError(f"{benchmarks} has no folder {names}")
    return tuple(_measure(model, figure, benchmarks / figure.benchmark) for figure in there)


def _measure(model: InstalledModel, published: Quality, folder: Path) -> Comparison:
    channel: Channel = "y" if published.channel == "y" else "rgb"
    settings = EvaluationSettings(
        model.card.scale,
        channel=channel,
        shave=published.shave,
        degradation=benchmark_degradations(model.card.scale)[published.degradation],
    )
    generator = Generator(model, CPU, RunOptions())
    method = Method(model.card.name, model.card.scale, (generator,))
    figures = evaluate(named_pictures(folder, recursive=False), [method], settings, Ledger(), Events())
    for figure in figures:
        if figure.failure:
            raise figure.failure.to_error(f"cannot measure {figure.picture}")
    means = {name: float(np.mean([each.figures[name] for each in figures])) for name in ("psnr", "ssim")}
    return Comparison(published, means["psnr"], means["ssim"])
