"""One training run in memory: generator, average, optimisers, opponent and the state of chance."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from srcli.core.errors import UsageError
from srcli.training.adversary import Adversary
from srcli.training.architectures import build_generator
from srcli.training.average import WeightAverage
from srcli.training.hardware import arithmetic, choose_precision, describe_hardware
from srcli.training.losses import NEEDS_AVERAGED, SEES_IN_STRIDES, build_loss
from srcli.training.losses.settings import LossSettings
from srcli.training.optimiser import build_optimisers, rate_factor
from srcli.training.shift import draw_shift, shifted

if TYPE_CHECKING:
    from srcli.training.checkpoint import State
    from srcli.training.config import TrainingConfig
    from srcli.training.sampler import Batch, PairSampler


SHAPING = ("architecture", "scale", "overparameterised", "optimiser")
"""What a run can't change once it has begun, since its checkpoints have the shape of it."""


class Trainer:
    """Takes steps, and can be saved and restored exactly between any two of them.

    Attributes:
        steps: steps taken.
        seconds: training time consumed, in this and in resumed sessions.
        started_from: the weights that the run began with, in words; empty where they were random.
    """

    def __init__(self, config: TrainingConfig, sampler: PairSampler) -> None:
        torch.manual_seed(config.seed)
        self.config = config
        self.sampler = sampler
        self.precision = choose_precision(config.precision, config.device)
        generator = build_generator(
            config.architecture, config.scale, overparameterised=config.overparameterised
        )
        self.generator = _place(generator, config.device)
        self.average = WeightAverage(self.generator, config.average_decay)
        self.optimisers = build_optimisers(
            self.generator, config.optimiser, config.learning_rate, config.muon_learning_rate
        )
        self.peak_rates: list[float] = [optimiser.param_groups[0]["lr"] for optimiser in self.optimisers]
        settings = LossSettings(config.scale, config.device, config.perception, self.precision)
        self.loss = build_loss(config.losses, settings)
        self.adversary = config.adversary and Adversary(
            config.adversary, config.crop, config.device, self.precision
        )
        self.random = torch.Generator().manual_seed(config.seed)
        self.steps = 0
        self.seconds = 0.0
        self.started_from = ""

    def consumed(self) -> float:
        """Share of the budget consumed, 0..1 and beyond."""
        if self.config.steps is not None:
            return self.steps / self.config.steps
        return self.seconds / ((self.config.minutes or 0.0) * 60)

    def rate(self) -> float:
        """Share of the peak learning rate for the next step, 0..1."""
        return rate_factor(self.steps, self.consumed(), self.config.warmup_steps, self.config.decay_share)

    def step(self) -> Tensor:
        """Learn from one batch; returns the generator's loss, detached."""
        factor = self.rate()
        batch = self._draw()
        self.generator.train()
        generated = self._generate(batch.low)
        loss = self.loss(generated, batch)
        if self.adversary:
            judged = shifted(generated, batch.shift), shifted(batch.high, batch.shift)
            self._descend(loss + self.adversary.loss_for(*judged), factor)
            self.adversary.learn(*judged, factor)
        else:
            self._descend(loss, factor)
        self.average.update(self.generator, self.steps)
        self.steps += 1
        return loss.detach()

    def state(self) -> State:
        """Everything that a later session needs to go on as if nothing had happened."""
        return {
            **{name: getattr(self.config, name) for name in SHAPING},
            "degradation": self.config.degradation,
            "loss": describe_losses(self.config),
            "hardware": f"{describe_hardware(self.config.device)}, {self.precision}",
            "generator": self.generator.state_dict(),
            "average": self.average.generator.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "adversary": self.adversary.state() if self.adversary else None,
            "random": self.random.get_state(),
            "steps": self.steps,
            "seconds": self.seconds,
            "started_from": self.started_from,
        }

    def restore(self, state: State) -> None:
        """Go back to a saved state.

        Raises:
            UsageError: it is the state of another generator, or of another optimiser.
        """
        self._compare(state)
        self.generator.load_state_dict(state["generator"])
        self.average.generator.load_state_dict(state["average"])
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        if self.adversary:
            self.adversary.restore(state["adversary"])
        self.random.set_state(state["random"])
        self.steps = state["steps"]
        self.seconds = state["seconds"]
        self.started_from = state.get("started_from", "")

    def _compare(self, state: State) -> None:
        for name in SHAPING:
            mine, saved = getattr(self.config, name), state.get(name)
            if saved is not None and saved != mine:
                raise UsageError(
                    f"{self.config.run} is a run with {name} {saved}, not {mine}",
                    hint="another folder for the new run; --from takes over what this one has learnt",
                )

    def _draw(self) -> Batch:
        batch = self.sampler.draw(self.config.batch, self.random)
        if self.adversary or not SEES_IN_STRIDES.isdisjoint(self.config.losses):
            batch = dataclasses.replace(batch, shift=draw_shift(self.random))
        if NEEDS_AVERAGED.isdisjoint(self.config.losses):
            return batch
        with torch.no_grad():
            return dataclasses.replace(batch, averaged=self.average.generator(batch.low))

    def _generate(self, low: Tensor) -> Tensor:
        with arithmetic(self.precision, self.config.device):
            generated: Tensor = self.generator(low.contiguous(memory_format=torch.channels_last))
        return generated.float()

    def _descend(self, loss: Tensor, factor: float) -> None:
        for optimiser, peak in zip(self.optimisers, self.peak_rates, strict=True):
            optimiser.param_groups[0]["lr"] = peak * factor
            optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.generator.parameters(), self.config.clip_norm)
        for optimiser in self.optimisers:
            optimiser.step()


def describe_losses(config: TrainingConfig) -> str:
    """The losses in words, such as ``1 l1 + 0.05 fft``."""
    weights = dict(config.losses)
    if config.adversary:
        weights[f"adversarial ({config.adversary.loss}, {config.adversary.discriminator})"] = (
            config.adversary.weight
        )
    return " + ".join(f"{weight:g} {name}" for name, weight in weights.items())


def _place(generator: nn.Module, device: str) -> nn.Module:
    # Channels last is 5 to 15 % faster on a CPU and half as fast again on a GPU, for plain convolutions.
    for parameter in generator.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return generator.to(device)
