"""What a training run is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """A training run.

    Attributes:
        photographs: folder of pictures, searched with its subfolders.
        run: folder for checkpoints and logs.
        architecture: name in the registry of architectures.
        scale: factor from low to high resolution.
        degradation: name in the registry of degradations.
        losses: weight of each loss by name.
        minutes: budget of training time; exactly one of ``minutes`` and ``steps`` is set.
        steps: budget in steps.
        crop: side of a high-resolution crop in pixels, a multiple of the scale.
        batch: crops in a step.
        optimiser: ``muon`` or ``adam``.
        learning_rate: peak rate of Adam.
        muon_learning_rate: peak rate of Muon.
        warmup_steps: steps of linear warm-up.
        decay_share: share of the budget, at its end, over which the rate falls.
        average_decay: decay of the moving average of the weights.
        clip_norm: largest norm of the gradient.
        checkpoint_minutes: time between checkpoints.
        seed: of all chance in the run.
        device: where to train, ``cpu`` or ``cuda``.
        threads: CPU threads; 0 leaves PyTorch's choice.
        start_from: checkpoint, run folder or exported generator to take matching weights from.
    """

    photographs: Path
    run: Path
    architecture: str
    scale: int
    degradation: str = "bicubic"
    losses: dict[str, float] = field(default_factory=lambda: {"l1": 1.0})
    minutes: float | None = None
    steps: int | None = None
    crop: int = 96
    batch: int = 16
    optimiser: str = "muon"
    learning_rate: float = 1e-3
    muon_learning_rate: float = 1e-2
    warmup_steps: int = 300
    decay_share: float = 0.35
    average_decay: float = 0.999
    clip_norm: float = 1.0
    checkpoint_minutes: float = 5.0
    seed: int = 1
    device: str = "cpu"
    threads: int = 0
    start_from: Path | None = None
