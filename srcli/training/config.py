"""What a training run is told."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003  the reader of TOML files looks the types up
from typing import TYPE_CHECKING

from srcli.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_OF_ALL = 10**9
"""No count or weight of a run is larger: a slip of the pen, and more than PyTorch can take."""


@dataclass(frozen=True, slots=True)
class AdversaryConfig:
    """An opponent for adversarial fine-tuning.

    Attributes:
        loss: ``bce``, ``least-squares`` or ``relativistic``.
        discriminator: ``unet``, ``unet-small``, ``patch`` or ``eight-block``.
        weight: of the adversarial loss beside the others.
        learning_rate: peak rate of the discriminator.
    """

    loss: str = "bce"
    discriminator: str = "unet"
    weight: float = 0.1
    learning_rate: float = 1e-4

    def __post_init__(self) -> None:
        _check_ranges({"adversary.weight": self.weight}, 0, MOST_OF_ALL)
        _check_ranges({"adversary.learning_rate": self.learning_rate}, 0, 1)


SCALES = (1, 2, 3, 4)
"""1 keeps the size: such a generator repairs."""

MOST_HALVINGS = 4
"""A sixteenth of a photograph's side is a thumbnail."""


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """A training run.

    Attributes:
        photographs: folder of pictures, searched with its subfolders.
        run: folder for checkpoints and logs.
        architecture: name in the registry of architectures.
        scale: factor from low to high resolution: 2, 3 or 4, or 1 for a generator that keeps the size.
        overparameterised: train the 3x3 convolutions of the trunk with more weights than they run with.
        degradation: name in the registry of degradations.
        low_resolution: folder of low-resolution pictures under the names of the photographs, instead of a
            degradation, which then only serves synthetic crops.
        halvings: how many times each photograph is halved to serve at that size as well.
        synthetic_share: share of crops that are flat, white or text.
        losses: weight of each loss by name.
        perception: weights of VGG-16 for the loss ``vgg``.
        adversary: opponent for adversarial fine-tuning; None trains without.
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
        precision: ``fp32`` or ``bf16`` for the generator's arithmetic, or ``auto``: ``bf16`` where the device
            computes in it; weights stay fp32.
        epoch_steps: steps between validations.
        validation_pictures: the most pictures of the validation split that are measured.
        checkpoint_minutes: the longest time between checkpoints.
        seed: of all chance in the run.
        device: where to train, ``cpu`` or ``cuda``.
        threads: CPU threads; 0 leaves PyTorch's choice.
        start_from: checkpoint, run folder, exported generator or the name of an installed one, to take
            matching weights from.
    """

    photographs: Path
    run: Path
    architecture: str
    scale: int
    overparameterised: bool = False
    degradation: str = "bicubic"
    low_resolution: Path | None = None
    halvings: int = 0
    synthetic_share: float = 0.0
    losses: dict[str, float] = field(default_factory=lambda: {"l1": 1.0})
    perception: Path | None = None
    adversary: AdversaryConfig | None = None
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
    precision: str = "fp32"
    epoch_steps: int = 1000
    validation_pictures: int = 16
    checkpoint_minutes: float = 5.0
    seed: int = 1
    device: str = "cpu"
    threads: int = 0
    start_from: Path | None = None

    def __post_init__(self) -> None:
        self._check_budget()
        self._check_crops()
        if self.optimiser not in ("muon", "adam"):
            raise UsageError(f"unknown optimiser '{self.optimiser}'", hint="choose muon or adam")
        if self.precision not in ("auto", "fp32", "bf16"):
            raise UsageError(f"unknown precision '{self.precision}'", hint="choose auto, fp32 or bf16")
        if not re.fullmatch(r"cpu|cuda(:\d{1,3})?", self.device):
            raise UsageError(f"unknown device '{self.device}'", hint="choose cpu, cuda or cuda:N")
        self._check_numbers()

    def _check_numbers(self) -> None:
        shares = ("synthetic_share", "decay_share", "average_decay")
        rates = ("learning_rate", "muon_learning_rate")
        _check_ranges({name: getattr(self, name) for name in (*shares, *rates)}, 0, 1)
        weights = {f"losses.{name}": weight for name, weight in self.losses.items()}
        counts = ("warmup_steps", "clip_norm", "checkpoint_minutes", "seed", "threads")
        _check_ranges({name: getattr(self, name) for name in counts} | weights, 0, MOST_OF_ALL)
        several = ("crop", "batch", "epoch_steps", "validation_pictures")
        _check_ranges({name: getattr(self, name) for name in several}, 1, MOST_OF_ALL)

    def _check_budget(self) -> None:
        if (self.minutes is None) == (self.steps is None):
            raise UsageError("a run needs one budget", hint="give either minutes or steps")
        if any(budget is not None and budget <= 0 for budget in (self.minutes, self.steps)):
            raise UsageError("the budget must be positive")
        _check_ranges({"minutes": self.minutes or 0, "steps": self.steps or 0}, 0, MOST_OF_ALL)

    def _check_crops(self) -> None:
        if self.scale not in SCALES:
            raise UsageError(f"cannot train for scale {self.scale}", hint="choose 1, 2, 3 or 4")
        if self.crop % self.scale or self.crop <= 0:
            raise UsageError(f"a crop of {self.crop} is no multiple of the scale {self.scale}")
        if not 0 <= self.halvings <= MOST_HALVINGS:
            raise UsageError(
                f"cannot halve photographs {self.halvings} times", hint=f"choose 0 to {MOST_HALVINGS}"
            )
        if self.halvings and self.low_resolution is not None:
            raise UsageError(
                "photographs with low-resolution pictures of their own can't be halved",
                hint="set halvings to 0",
            )
        if self.batch < 1:
            raise UsageError(f"cannot train on batches of {self.batch}")


def _check_ranges(values: Mapping[str, float], least: float, most: float) -> None:
    """Raise UsageError unless all values, by the names of their keys, lie between two numbers."""
    for name, value in values.items():
        # Not a number lies nowhere.
        if not least <= value <= most:
            raise UsageError(f"'{name}' is {value}, which is not within {least:g} to {most:g}")
