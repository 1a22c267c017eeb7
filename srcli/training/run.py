"""A training run from its configuration to its last checkpoint."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import torch

from srcli.core.errors import TrainingError
from srcli.training.checkpoint import list_checkpoints, load_checkpoint, save_checkpoint
from srcli.training.degradations import build_degradation
from srcli.training.photographs import read_photographs, split
from srcli.training.sampler import PairSampler
from srcli.training.trainer import Trainer
from srcli.training.warm_start import take_weights

if TYPE_CHECKING:
    from srcli.training.config import TrainingConfig

REPORT_STEPS = 100

Report = Callable[[Trainer, float], None]
"""Called every ``REPORT_STEPS`` steps with the trainer and the mean loss since the last call."""


def train(config: TrainingConfig, report: Report, should_stop: Callable[[], bool]) -> Trainer:
    """Train until the budget is consumed or ``should_stop`` answers yes; a run with checkpoints is resumed.

    Raises:
        TrainingError: there is nothing to train on, or the loss is no longer a number.
    """
    if config.threads:
        torch.set_num_threads(config.threads)
    torch.set_flush_denormal(True)
    trainer = prepare(config)
    while trainer.consumed() < 1 and not should_stop():
        train_until_checkpoint(trainer, report, should_stop)
        save_checkpoint(trainer.state(), trainer.steps, config.run)
    return trainer


def prepare(config: TrainingConfig) -> Trainer:
    """Read the photographs and build a trainer: new, warm-started, or resumed from the newest checkpoint."""
    pictures = [p.to(config.device) for p in read_photographs(config.photographs, config.crop)]
    training, _ = split(pictures, config.seed)
    degradation = build_degradation(config.degradation, config.scale)
    trainer = Trainer(config, PairSampler(training, degradation, config.scale, config.crop))
    if list_checkpoints(config.run):
        trainer.restore(load_checkpoint(config.run))
    elif config.start_from is not None:
        taken = load_checkpoint(config.start_from)["average"]
        take_weights(trainer.generator, taken)
        take_weights(trainer.average.generator, taken)
    return trainer


def train_until_checkpoint(trainer: Trainer, report: Report, should_stop: Callable[[], bool]) -> None:
    """Take steps until a checkpoint is due, the budget is consumed, or ``should_stop`` answers yes."""
    due = trainer.seconds + trainer.config.checkpoint_minutes * 60
    while trainer.seconds < due and trainer.consumed() < 1 and not should_stop():
        report(trainer, _train_steps(trainer, should_stop))


def _train_steps(trainer: Trainer, should_stop: Callable[[], bool]) -> float:
    total = torch.zeros(())
    first = trainer.steps
    while trainer.steps - first < REPORT_STEPS and trainer.consumed() < 1 and not should_stop():
        started = time.monotonic()
        total += trainer.step().cpu()
        trainer.seconds += time.monotonic() - started
    mean = float(total) / max(1, trainer.steps - first)
    if not torch.isfinite(total):
        raise TrainingError(
            f"the loss is no longer a number after {trainer.steps} steps; the last good checkpoint is kept",
            hint="lower the learning rate",
        )
    return mean
