"""Teaching the network colour: classification of chroma, with rare colours counting more."""

from __future__ import annotations

import math
import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import torch
from torch import Tensor
from torch.nn import functional

from srcli.core.errors import TrainingError, UsageError
from srcli.training.checkpoint import list_checkpoints, load_checkpoint, save_checkpoint
from srcli.training.colourise.chroma import CLASSES, class_weights, decode, to_classes
from srcli.training.colourise.network import Colours
from srcli.training.colourise.views import cut_view, read_small, split_view, whole_view
from srcli.training.hardware import arithmetic, choose_precision, describe_hardware
from srcli.training.losses.perception import read_weights
from srcli.training.optimiser import rate_factor
from srcli.training.photographs import split

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from srcli.core.cancel import Cancel

TEMPERATURE = 0.38
"""Of the annealed mean (Zhang et al. 2016): lower is more colourful and patchier."""


@dataclass(frozen=True, slots=True)
class ColouriseSettings:
    """A training run.

    Attributes:
        photographs: folder of pictures.
        run: folder for checkpoints.
        features: weights of VGG-16, an npz file.
        without: names of subfolders of pictures that are no photographs.
        minutes: budget of training time.
        batch: views in a step.
        fresh: views that each step looks at anew; the others are among the last ones, since a look takes
            twice the time of learning from it.
        kept: views that are remembered, of which each takes 1.3 MB.
        learning_rate: peak rate of Adam.
        warmup_steps: steps of linear warm-up.
        decay_share: share of the budget, at its end, over which the rate falls.
        report_steps: steps between reports.
        checkpoint_minutes: time between checkpoints.
        seed: of all chance in the run.
    """

    photographs: Path
    run: Path
    features: Path
    without: tuple[str, ...] = ()
    minutes: float = 60
    batch: int = 16
    fresh: int = 6
    kept: int = 768
    learning_rate: float = 1e-3
    warmup_steps: int = 30
    decay_share: float = 0.8
    report_steps: int = 50
    checkpoint_minutes: float = 5
    seed: int = 1

    def __post_init__(self) -> None:
        if self.minutes <= 0 or self.report_steps < 1:
            raise UsageError("a run needs minutes, and steps between reports")
        if not 2 <= self.batch <= self.kept or self.fresh < 1:
            raise UsageError("a step needs two views or more, no more than are kept, and a fresh one")


@dataclass(frozen=True, slots=True)
class Report:
    """How a run goes.

    Attributes:
        step: steps taken.
        minutes: training time.
        loss: mean since the last report.
        held_out_loss: on photographs that are held out.
        chroma_error: root of the mean squared distance from their chroma, white being 1.
        grey_error: the same of grey.
        colourfulness: mean distance of the result's chroma from grey, as a share of the photographs' own.
    """

    step: int
    minutes: float
    loss: float
    held_out_loss: float
    chroma_error: float
    grey_error: float
    colourfulness: float


Listener: TypeAlias = Callable[[Report], None]

_View: TypeAlias = "tuple[Tensor, Tensor, Tensor, Tensor]"
"""Luma, chroma, and the encoder's features at a quarter and an eighth of the size, each without a batch."""


def train_colours(settings: ColouriseSettings, listener: Listener, cancel: Cancel) -> None:
    """Train until the budget is consumed or the run is cancelled; a run folder with checkpoints is resumed.

    Raises:
        TrainingError: there is nothing to train on, or the loss is no longer a number.
    """
    torch.set_flush_denormal(True)
    trainer = _Trainer(settings)
    due = settings.checkpoint_minutes * 60
    saved, losses = trainer.seconds, []
    while trainer.consumed() < 1 and not cancel.is_set():
        losses.append(trainer.step())
        if len(losses) == settings.report_steps or trainer.consumed() >= 1:
            listener(trainer.report(sum(losses) / len(losses)))
            losses = []
        if trainer.seconds >= saved + due:
            trainer.save()
            saved = trainer.seconds
    trainer.save()


def load_colours(run: Path) -> tuple[Colours, dict[str, object]]:
    """The network of a run's newest checkpoint in evaluation mode, and what is known of the run."""
    state = load_checkpoint(run)
    network = Colours()
    network.load_state_dict(state.pop("network"))
    return network.eval(), state


class _Trainer:
    """A run in memory."""

    def __init__(self, settings: ColouriseSettings) -> None:
        self.settings = settings
        torch.manual_seed(settings.seed)
        self.chance = random.Random(settings.seed)
        pictures = read_small(settings.photographs, settings.without)
        self.pictures, self.held_out = split(pictures, settings.seed)
        self.network = Colours()
        self.network.encoder.take(read_weights(settings.features))
        decaying = [value for value in self.network.parameters() if value.ndim > 1]
        others = [value for value in self.network.parameters() if value.ndim <= 1]
        self.optimiser = torch.optim.AdamW(
            [{"params": decaying, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}],
            lr=settings.learning_rate,
        )
        self.precision = choose_precision("auto", "cpu")
        self.weights = class_weights(_class_shares(self.pictures))
        self.steps = 0
        self.seconds = 0.0
        self.seen: deque[_View] = deque(maxlen=settings.kept)
        if list_checkpoints(settings.run):
            self._restore()

    def consumed(self) -> float:
        """The share of the budget."""
        return self.seconds / (60 * self.settings.minutes)

    def step(self) -> float:
        """Learn from one batch; returns its loss."""
        started = time.monotonic()
        self.network.train()
        settings = self.settings
        factor = rate_factor(self.steps, self.consumed(), settings.warmup_steps, settings.decay_share)
        for group in self.optimiser.param_groups:
            group["lr"] = settings.learning_rate * factor
        self._look(settings.fresh if self.seen else 4 * settings.batch)
        views = self.chance.sample(self.seen, settings.batch)
        luma, chroma, quarter, eighth = (torch.stack(parts) for parts in zip(*views, strict=True))
        with arithmetic(self.precision, "cpu"):
            logits = self.network.tell_of(luma, quarter, eighth)
        loss = self._classify(logits.float(), chroma)
        if not math.isfinite(value := float(loss.detach())):
            raise TrainingError("the loss is no longer a number", hint="lower the learning rate")
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.optimiser.step()
        self.steps += 1
        self.seconds += time.monotonic() - started
        return value

    @torch.no_grad()
    def report(self, loss: float) -> Report:
        """Measure on the photographs that are held out."""
        self.network.eval()
        losses, errors, greys, made, own = [], [], [], [], []
        for picture in self.held_out:
            luma, chroma = (part[None] for part in split_view(whole_view(picture)))
            logits = self._logits(luma)
            losses.append(float(self._classify(logits, chroma)))
            result = decode(logits, TEMPERATURE)
            errors.append(float((result - chroma).square().sum(1).mean()))
            greys.append(float(chroma.square().sum(1).mean()))
            made.append(float(result.norm(dim=1).mean()))
            own.append(float(chroma.norm(dim=1).mean()))
        return Report(
            self.steps,
            self.seconds / 60,
            loss,
            sum(losses) / len(losses),
            (sum(errors) / len(errors)) ** 0.5,
            (sum(greys) / len(greys)) ** 0.5,
            sum(made) / sum(own),
        )

    def save(self) -> None:
        """Write a checkpoint."""
        state = {
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "steps": self.steps,
            "seconds": self.seconds,
            "photographs": len(self.pictures),
            "hardware": describe_hardware("cpu"),
        }
        save_checkpoint(state, self.steps, self.settings.run)

    def _restore(self) -> None:
        state = load_checkpoint(self.settings.run)
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.steps, self.seconds = state["steps"], state["seconds"]
        # Another course of chance than before, and the same for the same step.
        self.chance.seed(self.settings.seed + self.steps)
        torch.manual_seed(self.settings.seed + self.steps)

    @torch.no_grad()
    def _look(self, count: int) -> None:
        """Remember views of photographs, and what the encoder sees in them."""
        views = [cut_view(self.chance.choice(self.pictures), self.chance) for _ in range(count)]
        luma, chroma = (torch.stack(parts) for parts in zip(*views, strict=True))
        with arithmetic(self.precision, "cpu"):
            quarter, eighth = self.network.encoder(luma)
        self.seen.extend(zip(luma, chroma, quarter, eighth, strict=True))

    def _logits(self, luma: Tensor) -> Tensor:
        with arithmetic(self.precision, "cpu"):
            logits: Tensor = self.network(luma)
        return logits.float()

    def _classify(self, logits: Tensor, chroma: Tensor) -> Tensor:
        """Cross entropy, each pixel weighted by how rare its colour is."""
        wanted = to_classes(chroma)
        surprise = -(wanted * functional.log_softmax(logits, 1)).sum(1)
        weights = (wanted * self.weights.view(1, CLASSES, 1, 1)).sum(1)
        return (weights * surprise).mean()


def _class_shares(pictures: Sequence[Tensor]) -> Tensor:
    """How the pixels of all pictures are spread over the classes, (CLASSES,)."""
    shares = [to_classes(split_view(whole_view(picture))[1][None]).mean((0, 2, 3)) for picture in pictures]
    return torch.stack(shares).mean(0)
