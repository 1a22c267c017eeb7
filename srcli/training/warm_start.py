"""Starting from weights that another run has learnt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from srcli.core.card import read_card
from srcli.core.errors import DamagedModel, MissingExtra, TrainingError, UnknownModel
from srcli.importers.onnx_file import parse_onnx
from srcli.models.store import default_store
from srcli.training.checkpoint import load_checkpoint
from srcli.training.fitting import take_weights

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor, nn

ONNX_SUFFIX = ".onnx"


def start_from(source: Path, scale: int, *generators: nn.Module) -> str:
    """Copy the weights of a checkpoint, a run's newest checkpoint, or an exported generator into generators.

    Args:
        source: a path, or the name of an installed generator, which is taken at ``scale`` where it has that,
            or else at the nearest one that it has.
        scale: of the generators.
        generators: with the same weights by name.

    Returns:
        What the weights are in words, such as ``fast x2 after 9,000 steps; fast x2 after 3,000 steps``.

    Raises:
        TrainingError: there is nothing of the kind, or few of its weights fit.
        DamagedModel: an ONNX file is broken.
    """
    path = _locate(source, scale)
    learnt = _from_onnx(path) if path.suffix == ONNX_SUFFIX else _from_checkpoint(path)
    for generator in generators:
        take_weights(generator, learnt.weights)
    return learnt.history


@dataclass(frozen=True, slots=True)
class _Learnt:
    weights: Mapping[str, Tensor]
    history: str
    """Their generator and its steps, and what that one started from, as far as it is known."""


def _from_checkpoint(path: Path) -> _Learnt:
    state = load_checkpoint(path)
    told = _told(state["architecture"], state["scale"], state["steps"], state.get("started_from", ""))
    return _Learnt(state["average"], told)


def _from_onnx(path: Path) -> _Learnt:
    return _Learnt(read_initialisers(path), _card_history(path))


def _card_history(path: Path) -> str:
    try:
        card = read_card(path.with_suffix(".json"))
    except DamagedModel:
        return path.name
    if card.training is None:
        return f"{card.name} x{card.scale}"
    return _told(card.name, card.scale, card.training.steps, card.training.started_from)


def _told(name: str, scale: int, steps: int, before: str) -> str:
    return "; ".join(filter(None, (f"{name} x{scale} after {steps:,} steps", before)))


def _locate(source: Path, scale: int) -> Path:
    """The path itself if there is something, else the file of the installed generator of that name."""
    if source.exists():
        return source
    store, name = default_store(), str(source)
    try:
        nearest = min(store.scales(name), key=lambda found: abs(found - scale))
    except UnknownModel as error:
        raise TrainingError(
            f"nothing to start from: there is no run, no file and no generator named {name!r}",
            hint="srcli models list",
        ) from error
    return store.find(name, nearest).path


def read_initialisers(path: Path) -> dict[str, Tensor]:
    """The weights of an exported generator by name, as long as export folded nothing (batch norm).

    Raises:
        MissingExtra: onnx is not installed.
        TrainingError: the file cannot be read.
        DamagedModel: it is no ONNX file.
    """
    try:
        from onnx import numpy_helper
    except ImportError as error:
        raise MissingExtra("starting from an ONNX file", extra="train") from error
    try:
        model = parse_onnx(path.read_bytes(), path)
    except OSError as error:
        raise TrainingError(f"cannot read {path}: {error}") from error
    # A copy: the arrays are views of the file's bytes, which PyTorch must not write to.
    weights = {each.name: numpy_helper.to_array(each).copy() for each in model.graph.initializer}
    shared = {node.output[0]: node.input[0] for node in model.graph.node if node.op_type == "Identity"}
    weights |= {name: weights[source] for name, source in shared.items() if source in weights}
    return {name: torch.from_numpy(array) for name, array in weights.items()}
