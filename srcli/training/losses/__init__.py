"""Losses by name. An explicit list: a new loss is one file and one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from srcli.core.errors import UsageError
from srcli.training.losses.artefacts import artefact_loss
from srcli.training.losses.chroma import chroma_loss
from srcli.training.losses.consistency import ConsistencyLoss
from srcli.training.losses.frequency import fft_loss
from srcli.training.losses.luma import luma_loss
from srcli.training.losses.perception import PerceptionLoss
from srcli.training.losses.pixel import l1_loss, mse_loss

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor

    from srcli.training.losses.settings import LossSettings
    from srcli.training.sampler import Batch

Loss: TypeAlias = "Callable[[Tensor, Batch], Tensor]"
"""Generated crops (N, 3, H, W), 0..1, and the batch they come from, to a scalar; lower is better."""

LOSSES: dict[str, Callable[[LossSettings], Loss]] = {
    "l1": lambda _: l1_loss,
    "mse": lambda _: mse_loss,
    "luma": lambda _: luma_loss,
    "chroma": lambda _: chroma_loss,
    "fft": lambda _: fft_loss,
    "vgg": PerceptionLoss,
    "artefacts": lambda _: artefact_loss,
    "consistency": ConsistencyLoss,
}

NEEDS_AVERAGED = frozenset({"artefacts"})
"""Losses that look at the output of the averaged generator as well."""

SEES_IN_STRIDES = frozenset({"vgg"})
"""Losses to which a crop is another one when it is moved by a pixel."""


def build_loss(weights: Mapping[str, float], settings: LossSettings) -> Loss:
    """The weighted sum of the named losses.

    Raises:
        UsageError: there is no loss, no loss has one of the names, or one lacks what it needs.
    """
    unknown = sorted(set(weights) - set(LOSSES))
    if unknown or not weights:
        known = ", ".join(sorted(LOSSES))
        raise UsageError(
            f"unknown loss '{unknown[0]}'" if unknown else "no loss", hint=f"choose from {known}"
        )
    terms = [(weight, LOSSES[name](settings)) for name, weight in weights.items()]

    def weighted(generated: Tensor, batch: Batch) -> Tensor:
        values = [weight * loss(generated, batch) for weight, loss in terms]
        return sum(values[1:], start=values[0])

    return weighted
