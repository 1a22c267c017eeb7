"""The opponent in adversarial training: a discriminator, its optimiser and the game they play."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.optim import Adam

from srcli.training.discriminators import build_discriminator
from srcli.training.hardware import arithmetic, channels_last
from srcli.training.losses.adversarial import build_adversarial_loss

if TYPE_CHECKING:
    from torch import Tensor

    from srcli.training.checkpoint import State
    from srcli.training.config import AdversaryConfig


class Adversary:
    """Judges generated crops, and learns from them.

    Args:
        config: which discriminator and game, and how fast it learns.
        crop: side of high-resolution crops.
        device: where to train.
        precision: ``fp32`` or ``bf16`` for its arithmetic; weights and verdicts stay fp32.
    """

    def __init__(self, config: AdversaryConfig, crop: int, device: str, precision: str = "fp32") -> None:
        self.device = device
        self.precision = precision
        self.weight = config.weight
        self.peak_rate = config.learning_rate
        self.game = build_adversarial_loss(config.loss)
        self.discriminator = build_discriminator(config.discriminator, crop).to(device)
        channels_last(self.discriminator)
        self.optimiser = Adam(self.discriminator.parameters(), lr=config.learning_rate, betas=(0.9, 0.99))

    def loss_for(self, generated: Tensor, high: Tensor) -> Tensor:
        """What the generator pays for crops (N, 3, H, W), 0..1, that the discriminator sees through."""
        self.discriminator.requires_grad_(False)
        # A straight-through clamp: the discriminator sees what a file can hold, and gradients pass
        # regardless.
        shown = generated + (generated.clamp(0, 1) - generated).detach()
        loss = self.game.for_generator(self._judge(shown), self._judge(high))
        self.discriminator.requires_grad_(True)
        return self.weight * loss

    def learn(self, generated: Tensor, high: Tensor, factor: float) -> None:
        """Take a step towards telling the two apart; ``factor`` is the schedule's share of the peak rate."""
        self.optimiser.param_groups[0]["lr"] = self.peak_rate * factor
        fake, real = self._judge(generated.detach().clamp(0, 1)), self._judge(high)
        self.optimiser.zero_grad()
        self.game.for_discriminator(fake, real).backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()

    def _judge(self, pictures: Tensor) -> Tensor:
        with arithmetic(self.precision, self.device):
            verdict: Tensor = self.discriminator(pictures.contiguous(memory_format=torch.channels_last))
        return verdict.float()

    def state(self) -> State:
        """Everything that is needed to go on exactly."""
        return {"discriminator": self.discriminator.state_dict(), "optimiser": self.optimiser.state_dict()}

    def restore(self, state: State) -> None:
        """Go back to a saved state."""
        self.discriminator.load_state_dict(state["discriminator"])
        self.optimiser.load_state_dict(state["optimiser"])
