"""From a training run to a generator that others can use: an ONNX file, its variants and its card."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcli.core.card import Variant, write_card
from srcli.core.errors import OutputError
from srcli.training.architectures import build_generator
from srcli.training.checkpoint import load_checkpoint
from srcli.training.describe import describe, sha256_of
from srcli.training.evaluation import BENCHMARKS, enlarge_with, measure_benchmark
from srcli.training.half import write_half
from srcli.training.onnx_file import write_onnx
from srcli.training.parity import check_parity, open_exported

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn

    from srcli.core.card import ModelCard, Quality
    from srcli.training.checkpoint import State


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What to export and what to say about it.

    Attributes:
        run: run folder or checkpoint.
        target: the ONNX file to write.
        name: the generator's name on its card.
        purpose: what it is for, in a sentence.
        licence: of the weights.
        data: what it was trained on.
        data_licence: of that.
        benchmarks: folder with benchmark folders to measure it on; None measures nothing.
        variants: precisions to try beside full precision, of ``fp16`` and ``int8``.
        calibration: folder of pictures on which the ranges of ``int8`` are found.
        overwrite: replace files that exist.
    """

    run: Path
    target: Path
    name: str
    purpose: str = ""
    licence: str = ""
    data: str = ""
    data_licence: str = ""
    benchmarks: Path | None = None
    variants: tuple[str, ...] = ()
    calibration: Path | None = None
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class Exported:
    """An exported generator's card, and its largest difference from PyTorch."""

    card: ModelCard
    difference: float


def export_run(request: ExportRequest) -> Exported:
    """Write the ONNX file of a run's averaged weights, the variants that hold, and the card.

    Raises:
        TrainingError: there is no checkpoint, or the file differs from PyTorch.
        OutputError: a file exists already.
    """
    if request.target.exists() and not request.overwrite:
        raise OutputError(f"{request.target} exists already", hint="pass --overwrite to replace it")
    state = load_checkpoint(request.run)
    generator = restore_generator(state)
    request.target.parent.mkdir(parents=True, exist_ok=True)
    write_onnx(generator, request.target)
    card = describe(request, state, generator)
    exported = open_exported(request.target, card)
    difference = check_parity(exported, enlarge_with(generator, "cpu"))
    card = dataclasses.replace(card, quality=measure_quality(request, card))
    card = add_variants(request, card, generator)
    write_card(card, request.target.with_suffix(".json"))
    return Exported(card, difference)


def restore_generator(state: State) -> nn.Module:
    """The generator with the averaged weights of a checkpoint, in evaluation mode."""
    generator = build_generator(state["architecture"], state["scale"])
    generator.load_state_dict(state["average"])
    return generator.eval()


def measure_quality(request: ExportRequest, card: ModelCard) -> tuple[Quality, ...]:
    """The file's figures on the benchmarks at hand."""
    if request.benchmarks is None:
        return ()
    enlarge = open_exported(request.target, card)
    folders = [request.benchmarks / name for name in BENCHMARKS if (request.benchmarks / name).is_dir()]
    return tuple(measure_benchmark(enlarge, folder, card.scale) for folder in folders)


def add_variants(request: ExportRequest, card: ModelCard, generator: nn.Module) -> ModelCard:
    """The card with the variants that hold; their files lie beside the full one."""
    variants = dict(card.variants)
    half = request.target.with_suffix(".fp16.onnx")
    safe = "fp16" in request.variants and write_half(generator, request.target, half, card)
    if safe:
        variants["fp16"] = Variant(file=half.name, sha256=sha256_of(half))
    return dataclasses.replace(card, fp16_safe=safe, variants=variants)
