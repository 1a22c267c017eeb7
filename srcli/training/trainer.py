"""One training run in memory: generator, average, optimisers and the state of chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from srcli.training.architectures import build_generator
from srcli.training.average import WeightAverage
from srcli.training.hardware import describe_hardware
from srcli.training.losses import build_loss
from srcli.training.optimiser import build_optimisers
from srcli.training.schedule import rate_factor

if TYPE_CHECKING:
    from srcli.training.checkpoint import State
    from srcli.training.config import TrainingConfig
    from srcli.training.sampler import Batch, PairSampler


class Trainer:
    """Takes steps, and can be saved and restored exactly between any two of them.

    Attributes:
        steps: steps taken.
        seconds: training time consumed, in this and in resumed sessions.
    """

    def __init__(self, config: TrainingConfig, sampler: PairSampler) -> None:
        torch.manual_seed(config.seed)
        self.config = config
        self.sampler = sampler
        self.generator = build_generator(config.architecture, config.scale).to(
            config.device, memory_format=torch.channels_last
        )
        self.average = WeightAverage(self.generator, config.average_decay)
        self.optimisers = build_optimisers(
            self.generator, config.optimiser, config.learning_rate, config.muon_learning_rate
        )
        self.peak_rates = [optimiser.param_groups[0]["lr"] for optimiser in self.optimisers]
        self.loss = build_loss(config.losses)
        self.random = torch.Generator().manual_seed(config.seed)
        self.steps = 0
        self.seconds = 0.0

    def consumed(self) -> float:
        """Share of the budget consumed, 0..1 and beyond."""
        if self.config.steps is not None:
            return self.steps / self.config.steps
        assert self.config.minutes is not None
        return self.seconds / (self.config.minutes * 60)

    def step(self) -> Tensor:
        """Learn from one batch; returns its loss, detached."""
        self._set_rates()
        self.generator.train()
        loss = self._losses_of(self.sampler.draw(self.config.batch, self.random))
        for optimiser in self.optimisers:
            optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.generator.parameters(), self.config.clip_norm)
        for optimiser in self.optimisers:
            optimiser.step()
        self.average.update(self.generator, self.steps)
        self.steps += 1
        return loss.detach()

    def state(self) -> State:
        """Everything that a later session needs to go on as if nothing had happened."""
        return {
            "architecture": self.config.architecture,
            "scale": self.config.scale,
            "degradation": self.config.degradation,
            "loss": " + ".join(f"{weight:g} {name}" for name, weight in self.config.losses.items()),
            "hardware": describe_hardware(self.config.device),
            "generator": self.generator.state_dict(),
            "average": self.average.generator.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "random": self.random.get_state(),
            "steps": self.steps,
            "seconds": self.seconds,
        }

    def restore(self, state: State) -> None:
        """Go back to a saved state of a run with the same configuration."""
        self.generator.load_state_dict(state["generator"])
        self.average.generator.load_state_dict(state["average"])
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        self.random.set_state(state["random"])
        self.steps = state["steps"]
        self.seconds = state["seconds"]

    def _losses_of(self, batch: Batch) -> Tensor:
        low = batch.low.contiguous(memory_format=torch.channels_last)
        return self.loss(self.generator(low), batch)

    def _set_rates(self) -> None:
        factor = rate_factor(self.steps, self.consumed(), self.config.warmup_steps, self.config.decay_share)
        for optimiser, peak in zip(self.optimisers, self.peak_rates, strict=True):
            optimiser.param_groups[0]["lr"] = peak * factor
