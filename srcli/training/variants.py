"""The files of an exported generator at lower precisions, kept where they hold."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from srcli.core.card import Variant
from srcli.core.errors import DeviceUnavailable
from srcli.core.precision import AUTO, BRAIN
from srcli.engine.devices.registry import choose_device
from srcli.models.verify import sha256_of
from srcli.training.architectures import sides_multiple
from srcli.training.architectures.overparameterised import fold
from srcli.training.evaluation import measure_benchmark
from srcli.training.integers import write_integers
from srcli.training.onnx_file import HalfPrecision, write_onnx
from srcli.training.parity import largest_difference, open_exported

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn

    from srcli.core.card import ModelCard
    from srcli.training.evaluation import Enlarge

SAFE_DIFFERENCE = 1 / 255
"""Half precision holds where no pixel of a random picture is further off than this."""
LARGEST_LOSS_DB = 0.05
"""Integers hold where they cost at most this on BSD100: less than the step from ``plain`` to ``fast``."""
JUDGE = "BSD100"


def add_half(card: ModelCard, generator: nn.Module, full: Path) -> ModelCard:
    """The card with the ``fp16`` variant if it holds; the file lies beside the full one, or is gone again."""
    target = full.with_suffix(".fp16.onnx")
    write_onnx(HalfPrecision(fold(generator)), target)
    multiple = sides_multiple(generator)
    difference = largest_difference(open_exported(target, multiple), open_exported(full, multiple))
    if difference > SAFE_DIFFERENCE:
        target.unlink()
        return card
    card = dataclasses.replace(card, fp16_safe=True)
    return _with_variant(card, "fp16", target, None)


def add_integers(
    card: ModelCard, generator: nn.Module, full: Path, calibration: Path, benchmarks: Path | None
) -> ModelCard:
    """The card with the ``int8`` variant; where there is a benchmark to tell, only if it holds."""
    target = full.with_suffix(".int8.onnx")
    write_integers(full, target, calibration)
    loss_db = _loss_db(card, open_exported(target, sides_multiple(generator)), benchmarks)
    if loss_db is not None and loss_db > LARGEST_LOSS_DB:
        target.unlink()
        return card
    return _with_variant(card, "int8", target, loss_db)


def measure_brain_floats(
    card: ModelCard, generator: nn.Module, full: Path, benchmarks: Path | None
) -> ModelCard:
    """The card with what bf16 costs on each of its benchmarks; unchanged where nothing computes in bf16."""
    try:
        device = choose_device(AUTO, BRAIN)
    except DeviceUnavailable:
        return card
    if benchmarks is None:
        return card
    enlarge = open_exported(full, sides_multiple(generator), device, BRAIN)
    losses_db: dict[str, float] = {}
    for figure in card.quality:
        found = measure_benchmark(enlarge, benchmarks / figure.benchmark, figure.degradation, card.scale)
        loss_db = round(figure.psnr_db - found.psnr_db, 3)
        # Of several degradations the one that suffers most stands for the benchmark.
        losses_db[figure.benchmark] = max(loss_db, losses_db.get(figure.benchmark, loss_db))
    return dataclasses.replace(card, bf16_loss_db=losses_db)


def _loss_db(card: ModelCard, enlarge: Enlarge, benchmarks: Path | None) -> float | None:
    full = next((figure for figure in card.quality if figure.benchmark == JUDGE), None)
    if benchmarks is None or full is None:
        return None
    reduced = measure_benchmark(enlarge, benchmarks / JUDGE, full.degradation, card.scale)
    return round(full.psnr_db - reduced.psnr_db, 3)


def _with_variant(card: ModelCard, precision: str, file: Path, loss_db: float | None) -> ModelCard:
    variant = Variant(file=file.name, sha256=sha256_of(file), psnr_loss_db=loss_db)
    return dataclasses.replace(card, variants={**card.variants, precision: variant})
