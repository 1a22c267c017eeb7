"""A training run from its configuration to its last checkpoint."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

import torch

from srcli.core.errors import DeviceUnavailable, TrainingError
from srcli.training.checkpoint import list_checkpoints, load_checkpoint, save_checkpoint
from srcli.training.degradations import build_degradation
from srcli.training.log import Entry, add_entry
from srcli.training.photographs import Pair, read_pairs, read_photographs, split
from srcli.training.plot import plot_log
from srcli.training.pyramid import add_reduced
from srcli.training.sampler import PairSampler
from srcli.training.trainer import Trainer
from srcli.training.validation import Validator
from srcli.training.warm_start import start_from

if TYPE_CHECKING:
    from torch import Tensor

    from srcli.core.cancel import Cancel
    from srcli.training.config import TrainingConfig
    from srcli.training.degradations import Degradation
    from srcli.training.evaluation import Figures

REPORT_STEPS = 50
"""Steps between looks at the loss, which make a GPU wait."""

Stepped: TypeAlias = "Callable[[Trainer], None]"
Listener: TypeAlias = Callable[[Entry], None]


class Watcher(Protocol):
    """Whoever looks on between the entries of the log."""

    def prepared(self, run: Run, before: Figures) -> None:
        """The run is ready; ``before`` is what the generator is worth as it is."""

    def stepped(self, trainer: Trainer) -> None:
        """A step was taken."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run that is ready to train.

    Attributes:
        trainer: takes the steps.
        validator: measures on photographs that are held out.
        photographs: to train on.
        held_out: to measure on.
    """

    trainer: Trainer
    validator: Validator
    photographs: int
    held_out: int


def train(
    config: TrainingConfig, listener: Listener, cancel: Cancel, watcher: Watcher | None = None
) -> Trainer:
    """Train until the budget is consumed or the run is cancelled.

    A run folder with checkpoints is resumed from the newest one. After every epoch, and at the end, the
    averaged generator is validated: a row in ``log.csv``, its plot ``log.png`` and a strip in ``samples/``.

    Args:
        config: what to train.
        listener: hears every entry of the log.
        cancel: looked at between any two steps; a last checkpoint is written then, to go on from.
        watcher: told what will be done, how good the generator is before, and of each step.

    Raises:
        TrainingError: there is nothing to train on, or the loss is no longer a number; the newest checkpoint
            is from before that.
        DeviceUnavailable: the device is not there.
    """
    _set_up_machine(config)
    run = prepare(config)
    trainer = run.trainer
    if watcher is not None:
        watcher.prepared(run, run.validator.measure(trainer.average.generator))
    stepped = _ignore if watcher is None else watcher.stepped
    while trainer.consumed() < 1 and not cancel.is_set():
        loss = _train_epoch(trainer, cancel, stepped)
        if trainer.steps % config.epoch_steps == 0 or trainer.consumed() >= 1:
            listener(_validate(run, loss))
        save_checkpoint(trainer.state(), trainer.steps, config.run)
    return trainer


def prepare(config: TrainingConfig) -> Run:
    """Read the photographs and build a run: new, warm-started, or resumed from the newest checkpoint."""
    pairs = _read(config)
    training, held_out = split(pairs, config.seed)
    degradation = build_degradation(config.degradation, config.scale)
    trainer = Trainer(config, _build_sampler(config, training, degradation))
    validator = Validator(held_out, degradation, config.scale, config.validation_pictures, config.device)
    if list_checkpoints(config.run):
        trainer.restore(load_checkpoint(config.run))
    elif config.start_from is not None:
        generators = trainer.generator, trainer.average.generator
        trainer.started_from = start_from(config.start_from, config.scale, *generators)
    return Run(trainer, validator, len(pairs) - len(held_out), len(held_out))


def _read(config: TrainingConfig) -> list[Pair]:
    """All photographs, on the device of the run."""
    if config.low_resolution is None:
        pairs = [Pair(picture) for picture in read_photographs(config.photographs, config.crop)]
    else:
        pairs = read_pairs(config.photographs, config.low_resolution, config.scale, config.crop)
    return [
        Pair(pair.high.to(config.device), None if pair.low is None else pair.low.to(config.device))
        for pair in pairs
    ]


def _build_sampler(config: TrainingConfig, pairs: list[Pair], degradation: Degradation) -> PairSampler:
    photographs = add_reduced([pair.high for pair in pairs], config.halvings, config.crop)
    lows = [pair.low for pair in pairs if pair.low is not None]
    return PairSampler(
        photographs, degradation, config.scale, config.crop, config.synthetic_share, lows or None
    )


def _ignore(trainer: Trainer) -> None:
    """Nobody looks on."""


def _set_up_machine(config: TrainingConfig) -> None:
    if config.device.startswith("cuda") and not torch.cuda.is_available():
        raise DeviceUnavailable(
            f"PyTorch sees no GPU for the device '{config.device}'", hint="pass --device cpu"
        )
    if config.threads:
        torch.set_num_threads(config.threads)
    torch.set_flush_denormal(True)
    torch.backends.cudnn.benchmark = True


def _train_epoch(trainer: Trainer, cancel: Cancel, stepped: Stepped) -> float:
    """Take steps until the epoch ends, a checkpoint is due, the budget is consumed or a stop is asked for.

    Returns:
        The mean loss.
    """
    due = trainer.seconds + trainer.config.checkpoint_minutes * 60
    first = trainer.steps
    total = 0.0
    while trainer.seconds < due and not _pauses(trainer, cancel, trainer.steps > first):
        total += _train_steps(trainer, cancel, stepped)
    return total / max(1, trainer.steps - first)


def _train_steps(trainer: Trainer, cancel: Cancel, stepped: Stepped) -> float:
    """Take up to ``REPORT_STEPS`` steps; returns the sum of their losses."""
    losses: list[Tensor] = []
    moment = time.monotonic()
    while len(losses) < REPORT_STEPS and not _pauses(trainer, cancel, bool(losses)):
        losses.append(trainer.step())
        moment = _charge(trainer, moment)
        stepped(trainer)
    total = float(torch.stack(losses).sum()) if losses else 0.0
    # A GPU has only now done what the steps asked of it.
    _charge(trainer, moment)
    if not math.isfinite(total):
        raise TrainingError(
            f"the loss is no longer a number after {trainer.steps} steps; the last good checkpoint is kept",
            hint="lower the learning rate",
        )
    return total


def _charge(trainer: Trainer, since: float) -> float:
    """Count the time since a moment as training time; returns the present moment."""
    now = time.monotonic()
    trainer.seconds += now - since
    return now


def _pauses(trainer: Trainer, cancel: Cancel, moved: bool) -> bool:
    """Whether something comes before the next step; ``moved``: whether there was a step since it last did."""
    epoch_ends = moved and trainer.steps % trainer.config.epoch_steps == 0
    return epoch_ends or trainer.consumed() >= 1 or cancel.is_set()


def _validate(run: Run, loss: float) -> Entry:
    trainer, folder = run.trainer, run.trainer.config.run
    generator = trainer.average.generator
    figures = run.validator.measure(generator)
    entry = Entry(
        step=trainer.steps,
        seconds=round(trainer.seconds, 1),
        loss=loss,
        rate=trainer.rate(),
        psnr_db=figures.psnr_db,
        ssim=figures.ssim,
        mse=figures.mse,
    )
    samples = folder / "samples"
    samples.mkdir(parents=True, exist_ok=True)
    run.validator.write_sample(generator, samples / f"step-{trainer.steps:09d}.png")
    plot_log(add_entry(folder, entry), folder / "log.png")
    return entry
