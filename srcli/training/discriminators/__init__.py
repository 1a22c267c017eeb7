"""Discriminators by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.core.errors import UsageError
from srcli.training.discriminators.eight_block import EightBlockDiscriminator
from srcli.training.discriminators.patch import PatchDiscriminator
from srcli.training.discriminators.unet import UnetDiscriminator

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn

DISCRIMINATORS: dict[str, Callable[[int], nn.Module]] = {
    "eight-block": EightBlockDiscriminator,
    "patch": lambda _: PatchDiscriminator(),
    "unet": lambda _: UnetDiscriminator(),
    # A seventh of the arithmetic, for two CPU cores.
    "unet-small": lambda _: UnetDiscriminator(width=24),
}


def build_discriminator(name: str, crop: int) -> nn.Module:
    """A fresh discriminator of crops (N, 3, crop, crop), RGB 0..1, that answers with logits.

    Raises:
        UsageError: there is none of that name, or it doesn't take the crop.
    """
    if name not in DISCRIMINATORS:
        known = ", ".join(DISCRIMINATORS)
        raise UsageError(f"unknown discriminator '{name}'", hint=f"choose from {known}")
    return DISCRIMINATORS[name](crop)
