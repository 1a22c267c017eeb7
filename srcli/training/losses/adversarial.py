"""What generator and discriminator play for. Verdicts are logits of any shape; higher means more real."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import torch
from torch.nn import functional

from srcli.core.errors import UsageError

if TYPE_CHECKING:
    from torch import Tensor


class AdversarialLoss(Protocol):
    """One of the games."""

    def for_generator(self, fake: Tensor, real: Tensor) -> Tensor:
        """Low where the discriminator takes fakes for real; ``real`` is used by relative games only."""

    def for_discriminator(self, fake: Tensor, real: Tensor) -> Tensor:
        """Low where it tells the two apart."""


class CrossEntropyLoss:
    """The original game (Goodfellow et al. 2014), with the generator's non-saturating loss."""

    def for_generator(self, fake: Tensor, real: Tensor) -> Tensor:
        """Cross entropy of the fakes against real."""
        return _entropy(fake, 1.0)

    def for_discriminator(self, fake: Tensor, real: Tensor) -> Tensor:
        """Cross entropy of both against what they are."""
        return (_entropy(fake, 0.0) + _entropy(real, 1.0)) / 2


class LeastSquaresLoss:
    """Squares instead of logarithms (Mao et al. 2017): no vanishing gradient far from the border."""

    def for_generator(self, fake: Tensor, real: Tensor) -> Tensor:
        """Mean squared distance of the fakes from 1."""
        return ((fake - 1) ** 2).mean()

    def for_discriminator(self, fake: Tensor, real: Tensor) -> Tensor:
        """Mean squared distance of the fakes from 0 and of the real ones from 1."""
        return ((fake**2).mean() + ((real - 1) ** 2).mean()) / 2


class RelativisticLoss:
    """Which of the two is more real on average (Jolicoeur-Martineau 2018; ESRGAN)."""

    def for_generator(self, fake: Tensor, real: Tensor) -> Tensor:
        """Fakes should seem more real than the average original, and originals less than the average fake."""
        return (_entropy(fake - real.mean(), 1.0) + _entropy(real - fake.mean(), 0.0)) / 2

    def for_discriminator(self, fake: Tensor, real: Tensor) -> Tensor:
        """The other way round."""
        return (_entropy(fake - real.mean(), 0.0) + _entropy(real - fake.mean(), 1.0)) / 2


ADVERSARIAL_LOSSES: dict[str, type[AdversarialLoss]] = {
    "bce": CrossEntropyLoss,
    "least-squares": LeastSquaresLoss,
    "relativistic": RelativisticLoss,
}


def build_adversarial_loss(name: str) -> AdversarialLoss:
    """The game of that name.

    Raises:
        UsageError: there is none.
    """
    if name not in ADVERSARIAL_LOSSES:
        known = ", ".join(ADVERSARIAL_LOSSES)
        raise UsageError(f"unknown adversarial loss '{name}'", hint=f"choose from {known}")
    return ADVERSARIAL_LOSSES[name]()


def _entropy(verdict: Tensor, truth: float) -> Tensor:
    return functional.binary_cross_entropy_with_logits(verdict, torch.full_like(verdict, truth))
