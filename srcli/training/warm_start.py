"""Starting from weights that another run has learnt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from srcli.core.card import read_card
from srcli.core.errors import DamagedModel, MissingExtra, TrainingError, UnknownModel
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
        TrainingError: there is nothing of the kind, or none of its weights fits.
    """
    path = _locate(source, scale)
    weights = read_weights(path)
    for generator in generators:
        take_weights(generator, weights)
    return _history(path)


def read_weights(path: Path) -> Mapping[str, Tensor]:
    """Weights by name: the averaged ones of a checkpoint, or the initialisers of an ONNX file.

    The names in an exported file are those of the generator, as long as export folded nothing (batch norm).
    """
    if path.suffix == ONNX_SUFFIX:
        return _read_onnx(path)
    average: dict[str, Tensor] = load_checkpoint(path)["average"]
    return average


def _history(path: Path) -> str:
    """What is known of weights: their generator and its steps, and what that one started from."""
    if path.suffix != ONNX_SUFFIX:
        state = load_checkpoint(path)
        return _told(state["architecture"], state["scale"], state["steps"], state.get("started_from", ""))
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


def _read_onnx(path: Path) -> dict[str, Tensor]:
    try:
        import onnx
        from onnx import numpy_helper
    except ImportError as error:
        raise MissingExtra("starting from an ONNX file", extra="train") from error
    try:
        model = onnx.load(path)
    except (OSError, ValueError) as error:
        raise TrainingError(f"cannot read {path}: {error}") from error
    # A copy: the arrays are views of the file's bytes, which PyTorch must not write to.
    weights = {each.name: numpy_helper.to_array(each).copy() for each in model.graph.initializer}
    shared = {node.output[0]: node.input[0] for node in model.graph.node if node.op_type == "Identity"}
    weights |= {name: weights[source] for name, source in shared.items() if source in weights}
    return {name: torch.from_numpy(array) for name, array in weights.items()}
