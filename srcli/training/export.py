"""From a training run to a generator that others can use: an ONNX file, its variants and its card."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcli.core.card import write_card
from srcli.core.errors import OutputError
from srcli.imaging.degradation.benchmarks import benchmark_degradations
from srcli.training.architectures import build_generator, sides_multiple
from srcli.training.checkpoint import load_checkpoint
from srcli.training.describe import describe
from srcli.training.evaluation import BENCHMARKS, enlarge_with, measure_benchmark
from srcli.training.onnx_file import write_onnx
from srcli.training.parity import check_parity, open_exported
from srcli.training.variants import add_half, add_integers, measure_brain_floats

if TYPE_CHECKING:
    from torch import nn

    from srcli.core.card import ModelCard, Quality
    from srcli.training.checkpoint import State
    from srcli.training.evaluation import Enlarge
    from srcli.training.export_request import ExportRequest


@dataclass(frozen=True, slots=True)
class Exported:
    """An exported generator's card, and its largest difference from PyTorch."""

    card: ModelCard
    difference: float


def export_run(request: ExportRequest) -> Exported:
    """Write the ONNX file of a run's averaged weights, the variants that hold, and the card.

    Raises:
        TrainingError: there is no checkpoint, or the file differs from PyTorch.
        OutputError: the file exists already.
    """
    if request.target.exists() and not request.overwrite:
        raise OutputError(f"{request.target} exists already", hint="add --overwrite to replace it")
    state = load_checkpoint(request.run)
    generator = restore_generator(state)
    request.target.parent.mkdir(parents=True, exist_ok=True)
    write_onnx(generator, request.target)
    card = describe(request, state, generator)
    exported = open_exported(request.target, sides_multiple(generator))
    difference = check_parity(exported, enlarge_with(generator, "cpu"))
    card = dataclasses.replace(card, quality=_measure_quality(request, card, exported))
    if request.half:
        card = add_half(card, generator, request.target)
    if request.calibration is not None:
        card = add_integers(card, generator, request.target, request.calibration, request.benchmarks)
    card = measure_brain_floats(card, generator, request.target, request.benchmarks)
    write_card(card, request.target.with_suffix(".json"))
    return Exported(card, difference)


def restore_generator(state: State) -> nn.Module:
    """The generator with the averaged weights of a checkpoint, in evaluation mode."""
    generator = build_generator(
        state["architecture"], state["scale"], overparameterised=state.get("overparameterised", False)
    )
    generator.load_state_dict(state["average"])
    return generator.eval()


def _measure_quality(request: ExportRequest, card: ModelCard, enlarge: Enlarge) -> tuple[Quality, ...]:
    if request.benchmarks is None:
        return ()
    folders = [request.benchmarks / name for name in BENCHMARKS if (request.benchmarks / name).is_dir()]
    return tuple(
        measure_benchmark(enlarge, folder, degradation, card.scale)
        for folder in folders
        for degradation in benchmark_degradations(card.scale)
    )
