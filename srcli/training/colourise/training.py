"""Teaching the network colour: classification of chroma."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from srcli.core.errors import TrainingError, UsageError
from srcli.training.checkpoint import list_checkpoints, load_checkpoint, save_checkpoint
from srcli.training.colourise.chroma import decode, to_classes
from srcli.training.colourise.looks import Looks, cut_parts, look_at
from srcli.training.colourise.network import Colours
from srcli.training.colourise.verdict import Verdict, judge, summed_up
from srcli.training.colourise.views import divide, read_small, split_view, whole_view
from srcli.training.hardware import describe_hardware
from srcli.training.losses.perception import read_weights
from srcli.training.optimiser import rate_factor

if TYPE_CHECKING:
    from pathlib import Path

    from srcli.core.cancel import Cancel

TEMPERATURE = 1.0
"""Of the annealed mean (Zhang et al. 2016): at 1 the mean itself, which errs least; lower is patchier."""
AVERAGING = 0.99
"""Share of the mean of the weights that stays at each step."""


@dataclass(frozen=True, slots=True)
class ColouriseSettings:
    """A training run.

    Attributes:
        photographs: folder of pictures.
        run: folder for checkpoints, and for what the encoder sees: 1.3 MB a view.
        features: weights of VGG-16, an npz file.
        without: names of subfolders of pictures that are no photographs.
        held_out: names of subfolders to measure on; some of all photographs where there are none.
        minutes: budget of training time, after all views were looked at.
        batch: views in a step.
        views: of each photograph, each cut and aged in another way.
        learning_rate: peak rate of AdamW.
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
    held_out: tuple[str, ...] = ()
    minutes: float = 60
    batch: int = 16
    views: int = 3
    learning_rate: float = 1e-3
    warmup_steps: int = 30
    decay_share: float = 0.8
    report_steps: int = 50
    checkpoint_minutes: float = 5
    seed: int = 1

    def __post_init__(self) -> None:
        if self.minutes <= 0 or self.report_steps < 1:
            raise UsageError("a run needs minutes, and steps between reports")
        if self.batch < 2 or self.views < 1:
            raise UsageError("a step needs two views or more, and a photograph one")


@dataclass(frozen=True, slots=True)
class Report:
    """How a run goes.

    Attributes:
        step: steps taken.
        minutes: training time.
        loss: mean since the last report.
        held_out_loss: on photographs that are held out.
        verdict: on their colours.
    """

    step: int
    minutes: float
    loss: float
    held_out_loss: float
    verdict: Verdict


Listener: TypeAlias = Callable[[Report], None]


def train_colours(settings: ColouriseSettings, listener: Listener, cancel: Cancel) -> None:
    """Train until the budget is consumed or the run is cancelled; a run folder with checkpoints is resumed.

    Raises:
        TrainingError: there is nothing to train on, or the loss is no longer a number.
    """
    torch.set_flush_denormal(True)
    trainer = _Trainer(settings)
    trainer.look(cancel)
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
    """The best network of a run in evaluation mode, and what is known of the run.

    It is the mean of the last weights, as it was where it lost least on what is held out.
    """
    state = load_checkpoint(run)
    network = Colours()
    network.encoder.load_state_dict(state.pop("encoder"))
    network.head.load_state_dict(state.pop("best"))
    return network.eval(), state


class _Trainer:
    """A run in memory."""

    def __init__(self, settings: ColouriseSettings) -> None:
        self.settings = settings
        torch.manual_seed(settings.seed)
        self.chance = random.Random(settings.seed)
        pictures = read_small(settings.photographs, settings.without)
        self.pictures, self.held_out = divide(pictures, settings.held_out, settings.seed)
        self.network = Colours()
        self.network.encoder.take(read_weights(settings.features))
        self.head = self.network.head
        self.mean = AveragedModel(self.head, multi_avg_fn=get_ema_multi_avg_fn(AVERAGING), use_buffers=True)  # type: ignore[no-untyped-call]
        self.optimiser = _optimiser(self.head, settings.learning_rate)
        self.best: dict[str, Tensor] = {}
        self.least_loss = math.inf
        self.steps, self.best_step = 0, 0
        self.seconds = 0.0
        self.looks = Looks(settings.run / "looks", settings.views * len(self.pictures))
        if list_checkpoints(settings.run):
            self._restore()

    def look(self, cancel: Cancel) -> None:
        """Look at all views that are to be learnt from, and at what is held out."""
        self.looks.fill(self.network.encoder, self.pictures, self.settings.seed, cancel)
        views = [split_view(whole_view(picture)) for picture in self.held_out]
        self.held_looks = [look_at(self.network.encoder, luma[None], chroma[None]) for luma, chroma in views]

    def consumed(self) -> float:
        """The share of the budget."""
        return self.seconds / (60 * self.settings.minutes)

    def step(self) -> float:
        """Learn from one batch; returns its loss."""
        started = time.monotonic()
        self.head.train()
        settings = self.settings
        factor = rate_factor(self.steps, self.consumed(), settings.warmup_steps, settings.decay_share)
        for group in self.optimiser.param_groups:
            group["lr"] = settings.learning_rate * factor
        look = self.looks.take([self.chance.randrange(self.looks.done) for _ in range(settings.batch)])
        gathered = self.head.gather(look.seen)
        part = cut_parts(look, gathered, self.chance)
        loss = _classify(self.head.tell_of(part.small, part.quarter, part.gathered), part.chroma)
        if not math.isfinite(value := float(loss.detach())):
            raise TrainingError("the loss is no longer a number", hint="lower the learning rate")
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.head.parameters(), 5.0)
        self.optimiser.step()
        self.mean.update_parameters(self.head)
        self.steps += 1
        self.seconds += time.monotonic() - started
        return value

    @torch.no_grad()
    def report(self, loss: float) -> Report:
        """Measure the mean of the weights on what is held out, and keep it where it is the best yet."""
        self.mean.eval()
        losses, verdicts = [], []
        for look in self.held_looks:
            logits = self.mean(look.small, look.seen)
            losses.append(float(_classify(logits, look.chroma)))
            verdicts.append(judge(decode(logits, TEMPERATURE), look.chroma))
        held_out_loss, verdict = sum(losses) / len(losses), summed_up(verdicts)
        if held_out_loss < self.least_loss:
            self.least_loss, self.best_step = held_out_loss, self.steps
            self.best = {name: value.clone() for name, value in self.mean.module.state_dict().items()}
        return Report(self.steps, self.seconds / 60, loss, held_out_loss, verdict)

    def save(self) -> None:
        """Write a checkpoint."""
        state = {
            "encoder": self.network.encoder.state_dict(),
            "head": self.head.state_dict(),
            "mean": self.mean.state_dict(),
            "best": self.best or self.mean.module.state_dict(),
            "best_step": self.best_step or self.steps,
            "least_loss": self.least_loss,
            "optimiser": self.optimiser.state_dict(),
            "steps": self.steps,
            "seconds": self.seconds,
            "photographs": len(self.pictures),
            "hardware": describe_hardware("cpu"),
        }
        save_checkpoint(state, self.steps, self.settings.run)

    def _restore(self) -> None:
        state = load_checkpoint(self.settings.run)
        self.head.load_state_dict(state["head"])
        self.mean.load_state_dict(state["mean"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.best, self.best_step, self.least_loss = state["best"], state["best_step"], state["least_loss"]
        self.steps, self.seconds = state["steps"], state["seconds"]
        # Another course of chance than before, and the same for the same step.
        self.chance.seed(self.settings.seed + self.steps)
        torch.manual_seed(self.settings.seed + self.steps)


def _classify(logits: Tensor, chroma: Tensor) -> Tensor:
    """Cross entropy. Rare colours count no more: with few photographs they would be guessed everywhere."""
    return -(to_classes(chroma) * functional.log_softmax(logits, 1)).sum(1).mean()


def _optimiser(head: nn.Module, learning_rate: float) -> torch.optim.Optimizer:
    decaying = [value for value in head.parameters() if value.ndim > 1]
    others = [value for value in head.parameters() if value.ndim <= 1]
    return torch.optim.AdamW(
        [{"params": decaying, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}], lr=learning_rate
    )
